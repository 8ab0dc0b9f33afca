import { type Activity, type Reply, showActivity } from '@cruddur/shared/activities'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo, useRef, useState } from 'react'
import { Link } from 'react-router'
import { isApiError } from '../../api/api-error.ts'
import { call } from '../../api/call.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { afterPaint } from '../../ui/after-paint.ts'
import { Empty } from '../../ui/empty.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { useUnsentAt } from '../../writing/outbox-provider.tsx'
import { counted } from '../activity-words.ts'
import { knownActivity } from '../cache/activity-cache.ts'
import { onceEach } from '../cache/activity-pages.ts'
import { ActivityBody } from '../card/activity-body.tsx'
import { ActivityCard } from '../card/activity-card.tsx'
import { isFading, useUnexpired } from '../use-unexpired.ts'
import { Composer } from '../write/composer.tsx'
import { UnsentCard } from '../write/unsent-card.tsx'
import { FeedEnd } from './feed-end.tsx'
import { FeedTrouble } from './feed-trouble.tsx'
import { useActivityPages } from './use-activity-pages.ts'

type Props = { handle: string; uuid: string }

export const ActivityDetail = ({ handle, uuid }: Props) => {
  const queries = useQueryClient()
  // Shown before its page has come, where a list had it.
  const [known] = useState(() => knownActivity(queries, uuid))
  const show = useActivityPages({
    queryKey: queryKeys.activity(uuid),
    read: (after, signal) => call(showActivity, { handle, uuid, ...after }, { signal }),
  })
  const first = show.data?.pages[0]
  const activity: Reply | undefined = first?.activity ?? known
  const [living] = useUnexpired(useMemo(() => (activity ? [activity] : []), [activity]))
  const parents = useUnexpired(useMemo(() => (first?.parent ? [first.parent] : []), [first]))
  const all = useMemo(() => onceEach(show.data?.pages.map(({ replies }) => replies) ?? []), [show.data])
  const replies = useUnexpired(all)
  const composer = useRef<HTMLDivElement>(null)
  const items = useRef<HTMLOListElement>(null)
  const unsent = useUnsentAt(`reply:${uuid}`)

  const write = () => composer.current?.querySelector('textarea')?.focus()
  const readOn = async () => {
    const next = replies.length
    await show.fetchNextPage()
    afterPaint(() => items.current?.children.item(next)?.querySelector('article')?.focus({ preventScroll: true }))
  }

  if (isApiError(show.error, 'not_found', 'invalid_input') || (activity && !living)) return <Gone />
  const trouble = show.error && !show.isFetchNextPageError && (
    <FeedTrouble
      subject="The crud"
      error={show.error}
      retry={() => void show.refetch()}
      isTrying={show.isFetching}
      isStale={living !== undefined}
    />
  )
  if (!living) return trouble || <Skeleton shape="card" count={4} label="Loading the crud" />

  return (
    <>
      {trouble}
      <div className="feed" data-leaving={isFading(living) || undefined}>
        {parents.map((parent) => (
          <div key={parent.uuid} className="parent">
            <ActivityCard activity={withoutReplies(parent)} />
          </div>
        ))}
        <article className="activity card" tabIndex={-1} aria-label={`Crud by ${living.display_name}`}>
          <ActivityBody activity={living} size="large" onReply={write} />
          <div className="crud-composer" ref={composer}>
            <Composer replyTo={living} />
          </div>
        </article>
        <h2 className="replies-title">
          {living.replies_count > 0 ? counted(living.replies_count, 'reply', 'replies') : 'No replies yet'}
        </h2>
        {replies.length > 0 && (
          <ol className="feed" ref={items} aria-label="Replies, oldest first">
            {replies.map((reply) => (
              <li key={reply.uuid} data-leaving={isFading(reply) || undefined}>
                <article className="activity card" tabIndex={-1} aria-label={`Reply by ${reply.display_name}`}>
                  <ActivityBody activity={reply} />
                </article>
              </li>
            ))}
          </ol>
        )}
        {unsent.map((one) => (
          <UnsentCard key={one.key} unsent={one} onEdit={write} />
        ))}
      </div>
      {show.isPending && !show.error && <Skeleton shape="card" count={4} label="Loading replies" />}
      {show.hasNextPage && (
        <FeedEnd
          key={show.data?.pages.length}
          hasMore
          isLoading={show.isFetchingNextPage}
          isEmpty={false}
          error={show.isFetchNextPageError ? show.error : null}
          loadMore={show.fetchNextPage}
          readOn={() => void readOn()}
        />
      )}
    </>
  )
}

/** What stands above another is there to be read, not to be answered in full. */
const withoutReplies = (parent: Activity): Activity => ({ ...parent, replies: [] })

const Gone = () => (
  <Empty
    title="This crud has left"
    action={
      <Link to="/" className="button" data-trace="go home">
        See what lives
      </Link>
    }
  >
    Its time was up, or whoever wrote it took it back. Everything here leaves one day.
  </Empty>
)
