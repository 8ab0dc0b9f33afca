import type { Notification } from '@cruddur/shared/notifications'
import { useCallback, useMemo, useRef } from 'react'
import { Link } from 'react-router'
import { ApiError } from '../api/api-error.ts'
import { serverNow } from '../api/server-clock.ts'
import { troubleWords } from '../api/trouble-words.ts'
import { withInteraction } from '../telemetry/index.ts'
import { Avatar } from '../ui/avatar.tsx'
import { useTimed } from '../ui/clock.ts'
import { Empty } from '../ui/empty.tsx'
import { Icon } from '../ui/icons.tsx'
import { ListEnd } from '../ui/list-end.tsx'
import { Reference } from '../ui/reference.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { TimeAgo } from '../ui/times.tsx'
import { Trouble } from '../ui/trouble.tsx'
import { livesAt, notificationsOf } from './notification-pages.ts'
import { addressOf, iconOf, wordsOf } from './notification-words.ts'
import { useNewHere, useNotifications, useSeen } from './use-notifications.ts'

export const NotificationList = () => {
  const list = useNotifications()
  const all = useMemo(() => notificationsOf(list.data?.pages ?? []), [list.data])
  const living = useTimed(useCallback((now) => all.filter(livesAt(now)).length, [all]))
  // biome-ignore lint/correctness/useExhaustiveDependencies: `living` says when time has changed the answer.
  const shown = useMemo(() => all.filter(livesAt(serverNow())), [all, living])
  const items = useRef<HTMLOListElement>(null)
  const isNew = useNewHere(all)
  useSeen(all)

  /** Whoever asked for more by hand reads on at the first that is new. */
  const readOn = async () => {
    const next = shown.length
    await list.fetchNextPage()
    requestAnimationFrame(() => items.current?.children.item(next)?.querySelector('a')?.focus({ preventScroll: true }))
  }

  const trouble = list.error && !list.isFetchNextPageError && (
    <ListTrouble
      error={list.error}
      retry={() => void list.refetch()}
      isTrying={list.isFetching}
      isStale={list.data !== undefined}
    />
  )
  if (!list.data) return trouble || <Skeleton shape="line" count={6} label="Loading notifications" />
  return (
    <>
      {trouble}
      {shown.length === 0 && !list.hasNextPage ? (
        <Empty title="Nothing yet">
          When somebody likes, reposts or answers what you wrote, mentions or follows you, it is here.
        </Empty>
      ) : (
        <ol className="card notifications" ref={items} aria-label="Notifications, newest first">
          {shown.map((notification) => (
            <li key={notification.uuid}>
              <Line notification={notification} isNew={isNew(notification.uuid)} />
            </li>
          ))}
        </ol>
      )}
      {list.hasNextPage && (
        <ListEnd
          key={list.data.pages.length}
          words="Load more"
          trace="load more"
          isLoading={list.isFetchingNextPage}
          error={list.isFetchNextPageError && <MoreTrouble error={list.error} />}
          onReach={() => void withInteraction('scroll load more', list.fetchNextPage)}
          onClick={() => void readOn()}
        />
      )}
    </>
  )
}

const Line = ({ notification, isNew }: { notification: Notification; isNew: boolean }) => {
  const { kind, actor, activity, created_at } = notification
  return (
    <Link
      to={addressOf(notification)}
      className="notification"
      data-trace="open notification"
      data-kind={kind}
      data-new={isNew || undefined}
    >
      <span className="notification-who">
        <Avatar handle={actor.handle} />
        <span className="notification-kind">
          <Icon name={iconOf[kind]} size={16} />
        </span>
      </span>
      <span className="notification-main">
        <span className="notification-words">
          {isNew && <span className="visually-hidden">New: </span>}
          <strong dir="auto">{actor.display_name}</strong> {wordsOf[kind]}
          <span className="dot" aria-hidden="true">
            {' '}
            ·{' '}
          </span>
          <TimeAgo at={created_at} />
        </span>
        {activity && (
          <span className="notification-crud" dir="auto">
            {activity.message}
          </span>
        )}
      </span>
    </Link>
  )
}

type TroubleProps = { error: Error; retry: () => void; isTrying: boolean; isStale: boolean }

const ListTrouble = ({ error, retry, isTrying, isStale }: TroubleProps) => {
  const { title, sentence } = troubleWords('The list', error)
  return (
    <Trouble title={title} traceId={error instanceof ApiError ? error.traceId : null} retry={retry} isTrying={isTrying}>
      {sentence} {isStale && 'What you see below is from a moment ago.'}
    </Trouble>
  )
}

const MoreTrouble = ({ error }: { error: Error }) => (
  <div role="alert" className="list-end-trouble">
    <p>More did not come: {error.message}</p>
    {error instanceof ApiError && error.traceId && <Reference traceId={error.traceId} />}
  </div>
)
