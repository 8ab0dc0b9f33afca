import { type Activity, type Reply, showActivity } from '@cruddur/shared/activities'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo, useRef, useState } from 'react'
import { Link } from 'react-router'
import { isApiError } from '../../api/api-error.ts'
import { call } from '../../api/call.ts'
import { onceEach } from '../../api/once-each.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { troubleOf } from '../../api/trouble-words.ts'
import { withInteraction } from '../../telemetry/index.ts'
import { Empty } from '../../ui/empty.tsx'
import { ListEnd } from '../../ui/list-end.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Trouble } from '../../ui/trouble.tsx'
import { useUnsentAt } from '../../writing/outbox-provider.tsx'
import { counted } from '../activity-words.ts'
import { knownActivity } from '../cache/activity-cache.ts'
import { ActivityBody } from '../card/activity-body.tsx'
import { ActivityCard } from '../card/activity-card.tsx'
import { isFading, useUnexpired } from '../use-unexpired.ts'
import { Composer } from '../write/composer.tsx'
import { UnsentCard } from '../write/unsent-card.tsx'
import { useActivityPages } from './use-activity-pages.ts'

type Props = { handle: string; uuid: string }

/** One activity on its own page, between the activity that it replies to and its replies. */
export const ActivityDetail = ({ handle, uuid }: Props) => {
  const queries = useQueryClient()
  // A list may have loaded the activity already. It is then shown while its page loads.
  const [known] = useState(() => knownActivity(queries, uuid))
  const detail = useActivityPages({
    queryKey: queryKeys.activity(uuid),
    read: (after, signal) => call(showActivity, { handle, uuid, ...after }, { signal }),
  })
  const first = detail.data?.pages[0]
  const loaded: Reply | undefined = first?.activity ?? known
  const [activity] = useUnexpired(useMemo(() => (loaded ? [loaded] : []), [loaded]))
  const parents = useUnexpired(useMemo(() => (first?.parent ? [first.parent] : []), [first]))
  const all = useMemo(() => onceEach(detail.data?.pages.map(({ replies }) => replies) ?? []), [detail.data])
  const replies = useUnexpired(all)
  const repliesCount = Math.max(loaded?.replies_count ?? 0, replies.length)
  const composer = useRef<HTMLDivElement>(null)
  const items = useRef<HTMLOListElement>(null)
  const unsent = useUnsentAt(`reply:${uuid}`)

  const focusOnComposer = () => composer.current?.querySelector('textarea')?.focus()

  if (isApiError(detail.error, 'not_found', 'invalid_input') || (loaded && !activity)) return <Expired />
  const trouble = detail.error && !detail.isFetchNextPageError && <Trouble {...troubleOf('the crud', detail)} />
  if (!activity) return trouble || <Skeleton shape="card" count={4} label="Loading the crud" />

  return (
    <>
      {trouble}
      <div className="feed" data-leaving={isFading(activity) || undefined}>
        {parents.map((parent) => (
          <div key={parent.uuid} className="parent">
            <ActivityCard activity={withoutReplies(parent)} />
          </div>
        ))}
        <article className="activity card" tabIndex={-1} aria-label={`Crud by ${activity.display_name}`}>
          <ActivityBody activity={activity} size="large" onReply={focusOnComposer} />
          <div className="crud-composer" ref={composer}>
            <Composer replyTo={activity} />
          </div>
        </article>
        <h2 className="replies-title">
          {repliesCount > 0 ? counted(repliesCount, 'reply', 'replies') : 'No replies yet'}
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
          <UnsentCard key={one.key} unsent={one} onEdit={focusOnComposer} />
        ))}
      </div>
      {detail.isPending && !detail.error && <Skeleton shape="card" count={4} label="Loading replies" />}
      <ListEnd query={detail} items={items} onScroll={(load) => void withInteraction('scroll load more', load)} />
    </>
  )
}

const withoutReplies = (parent: Activity): Activity => ({ ...parent, replies: [] })

const Expired = () => (
  <Empty
    title="This crud has expired"
    action={
      <Link to="/" className="button" data-trace="go home">
        Go home
      </Link>
    }
  >
    Its time ran out, or its author deleted it.
  </Empty>
)
