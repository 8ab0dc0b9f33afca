import { type Activity, type Reply, showActivity } from '@cruddur/shared/activities'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo, useRef, useState } from 'react'
import { Link } from 'react-router'
import { isApiError } from '../api/api-error.ts'
import { call } from '../api/call.ts'
import { afterPaint } from '../ui/after-paint.ts'
import { Empty } from '../ui/empty.tsx'
import { activityKey, knownActivity } from './activity-cache.ts'
import { ActivityCard } from './activity-card.tsx'
import { Composer } from './composer.tsx'
import { Crud } from './crud.tsx'
import { counted, onceEach } from './feed.ts'
import { FeedEnd } from './feed-end.tsx'
import { FeedSkeleton } from './feed-skeleton.tsx'
import { FeedTrouble } from './feed-trouble.tsx'
import { useUnsentAt } from './outbox.tsx'
import { UnsentCard } from './unsent-card.tsx'
import { isLeaving, useLiving } from './use-living.ts'
import { usePages } from './use-pages.ts'

type Props = { handle: string; uuid: string }

export const CrudView = (props: Props) => <OneCrud key={props.uuid} {...props} />

const OneCrud = ({ handle, uuid }: Props) => {
  const queries = useQueryClient()
  // Shown before its page has come, where a list had it.
  const [known] = useState(() => knownActivity(queries, uuid))
  const show = usePages({
    queryKey: activityKey.show(uuid),
    read: (after, signal) => call(showActivity, { handle, uuid, ...after }, { signal }),
  })
  const first = show.data?.pages[0]
  const activity: Reply | undefined = first?.activity ?? known
  const [living] = useLiving(useMemo(() => (activity ? [activity] : []), [activity]))
  const parents = useLiving(useMemo(() => (first?.parent ? [first.parent] : []), [first]))
  const all = useMemo(() => onceEach(show.data?.pages.map(({ replies }) => replies) ?? []), [show.data])
  const replies = useLiving(all)
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
  if (!living) return trouble || <FeedSkeleton label="The crud is loading." />

  return (
    <>
      {trouble}
      <div className="feed" data-leaving={isLeaving(living) || undefined}>
        {parents.map((parent) => (
          <div key={parent.uuid} className="parent">
            <ActivityCard activity={withoutReplies(parent)} />
          </div>
        ))}
        <article className="activity card" tabIndex={-1} aria-label={`Crud by ${living.display_name}`}>
          <Crud crud={living} size="large" onReply={write} />
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
              <li key={reply.uuid} data-leaving={isLeaving(reply) || undefined}>
                <article className="activity card" tabIndex={-1} aria-label={`Reply by ${reply.display_name}`}>
                  <Crud crud={reply} />
                </article>
              </li>
            ))}
          </ol>
        )}
        {unsent.map((one) => (
          <UnsentCard key={one.key} unsent={one} onEdit={write} />
        ))}
      </div>
      {show.isPending && !show.error && <FeedSkeleton label="The replies are loading." />}
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
