import { userActivities } from '@cruddur/shared/activities'
import type { Profile } from '@cruddur/shared/users'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { isApiError } from '../../api/api-error.ts'
import { call } from '../../api/call.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { useCurrentUser } from '../../ui/current-user.ts'
import { Empty } from '../../ui/empty.tsx'
import { pageTitleId } from '../../ui/page-title.ts'
import { Skeleton } from '../../ui/skeleton.tsx'
import { FeedList } from './feed-list.tsx'
import { FeedTrouble } from './feed-trouble.tsx'
import { useActivityPages } from './use-activity-pages.ts'
import { useIsDrawing } from './use-is-drawing.ts'

type Props = { handle: string; head: (profile: Profile) => ReactNode }

export const UserFeed = ({ handle, head }: Props) => {
  const { user } = useCurrentUser()
  const queryKey = queryKeys.userFeed(handle)
  const list = `@${handle}`
  const feed = useActivityPages({
    queryKey,
    list,
    read: (after, signal) => call(userActivities, { handle, ...after }, { signal }),
  })
  const isDrawing = useIsDrawing(feed)
  const subject = 'The profile'

  if (feed.isPending || isDrawing) {
    return (
      <>
        <TitleUntilKnown handle={handle} />
        <Skeleton shape="card" count={4} label="Loading the profile" />
      </>
    )
  }
  if (isApiError(feed.error, 'not_found', 'invalid_input', 'blank_user_handle')) return <Nobody handle={handle} />
  const profile = feed.data?.pages[0]?.profile
  if (!feed.data || !profile) {
    return (
      <>
        <TitleUntilKnown handle={handle} />
        <FeedTrouble
          subject={subject}
          error={feed.error ?? new Error('no profile')}
          retry={() => void feed.refetch()}
          isTrying={feed.isFetching}
        />
      </>
    )
  }
  return (
    <>
      {head(profile)}
      <FeedList
        key={handle}
        feed={feed}
        pages={feed.data.pages}
        queryKey={queryKey}
        subject={subject}
        label={`What ${profile.display_name} wrote and reposted, newest first`}
        list={list}
        empty={
          <Empty title="Nothing lives here just now">
            {user?.handle === profile.handle
              ? 'What you write and repost will be here, for as long as it lives.'
              : `Whatever ${profile.display_name} wrote has expired.`}
          </Empty>
        }
      />
    </>
  )
}

const TitleUntilKnown = ({ handle }: { handle: string }) => (
  <h1 id={pageTitleId} className="visually-hidden">
    @{handle}
  </h1>
)

const Nobody = ({ handle }: { handle: string }) => (
  <Empty
    title="Nobody has this handle"
    isWholePage
    action={
      <Link to="/" className="button" data-trace="go home">
        Go home
      </Link>
    }
  >
    There is no @{handle} here. A slip in the address, perhaps.
  </Empty>
)
