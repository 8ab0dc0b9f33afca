import type { Notification } from '@cruddur/shared/notifications'
import { useCallback, useMemo, useRef } from 'react'
import { Link } from 'react-router'
import { serverNow } from '../api/server-clock.ts'
import { troubleOf } from '../api/trouble-words.ts'
import { withInteraction } from '../telemetry/index.ts'
import { Avatar } from '../ui/avatar.tsx'
import { useTimed } from '../ui/clock.ts'
import { Empty } from '../ui/empty.tsx'
import { Icon } from '../ui/icons.tsx'
import { ListEnd, useLoadMore } from '../ui/list-end.tsx'
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

  const loadMore = useLoadMore(items, list.fetchNextPage)

  const trouble = list.error && !list.isFetchNextPageError && <Trouble {...troubleOf('notifications', list)} />
  if (!list.data) return trouble || <Skeleton shape="line" count={6} label="Loading notifications" />
  return (
    <>
      {trouble}
      {shown.length === 0 && !list.hasNextPage ? (
        <Empty title="Nothing yet">Likes, reposts, replies, mentions and new followers appear here.</Empty>
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
          error={list.isFetchNextPageError ? list.error : null}
          onReach={() => void withInteraction('scroll load more', list.fetchNextPage)}
          onClick={() => void loadMore()}
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
