import { userActivities } from '@cruddur/shared/activities'
import type { Profile } from '@cruddur/shared/users'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { isApiError } from '../../api/api-error.ts'
import { call } from '../../api/call.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { troubleOf } from '../../api/trouble-words.ts'
import { useCurrentUser } from '../../ui/current-user.ts'
import { Empty } from '../../ui/empty.tsx'
import { pageTitleId } from '../../ui/page-title.ts'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Trouble } from '../../ui/trouble.tsx'
import { FeedList } from './feed-list.tsx'
import { useActivityPages, useIsLoading } from './use-activity-pages.ts'

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
  const isLoading = useIsLoading(feed)

  if (isLoading) {
    return (
      <>
        <HandleAsTitle handle={handle} />
        <Skeleton shape="card" count={4} label="Loading the profile" />
      </>
    )
  }
  if (isApiError(feed.error, 'not_found', 'invalid_input', 'blank_user_handle')) return <NoSuchUser handle={handle} />
  const profile = feed.data?.pages[0]?.profile
  if (!feed.data || !profile) {
    return (
      <>
        <HandleAsTitle handle={handle} />
        <Trouble {...troubleOf('the profile', feed)} />
      </>
    )
  }
  return (
    <>
      {head(profile)}
      <FeedList
        feed={feed}
        queryKey={queryKey}
        what="the profile"
        label={`Cruds and reposts by ${profile.display_name}, newest first`}
        list={list}
        empty={
          <Empty title="No cruds right now">
            {user?.handle === profile.handle
              ? 'Your cruds and reposts appear here until they expire.'
              : `Everything ${profile.display_name} wrote has expired.`}
          </Empty>
        }
      />
    </>
  )
}

const HandleAsTitle = ({ handle }: { handle: string }) => (
  <h1 id={pageTitleId} className="visually-hidden">
    @{handle}
  </h1>
)

const NoSuchUser = ({ handle }: { handle: string }) => (
  <Empty
    title="This account doesn’t exist"
    isWholePage
    action={
      <Link to="/" className="button" data-trace="go home">
        Go home
      </Link>
    }
  >
    No account has the handle @{handle}. Check the address for a typo.
  </Empty>
)
