import type { Notification } from '@cruddur/shared/notifications'
import { useCallback, useMemo, useRef } from 'react'
import { Link } from 'react-router'
import { onceEach } from '../api/once-each.ts'
import { serverNow } from '../api/server-clock.ts'
import { troubleOf } from '../api/trouble-words.ts'
import { withInteraction } from '../telemetry/index.ts'
import { Avatar } from '../ui/avatar.tsx'
import { useTimed } from '../ui/clock.ts'
import { Empty } from '../ui/empty.tsx'
import { Icon } from '../ui/icons.tsx'
import { ListEnd } from '../ui/list-end.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { TimeAgo } from '../ui/times.tsx'
import { Trouble } from '../ui/trouble.tsx'
import { isCurrentAt } from './notification-pages.ts'
import { addressOf, iconOf, wordsOf } from './notification-words.ts'
import { useIsNew, useMarkRead, useNotifications } from './use-notifications.ts'

export const NotificationList = () => {
  const list = useNotifications()
  const all = useMemo(() => onceEach(list.data?.pages.map(({ notifications }) => notifications) ?? []), [list.data])
  const currentCount = useTimed(useCallback((now) => all.filter(isCurrentAt(now)).length, [all]))
  // biome-ignore lint/correctness/useExhaustiveDependencies: `currentCount` changes when an activity expires.
  const shown = useMemo(() => all.filter(isCurrentAt(serverNow())), [all, currentCount])
  const items = useRef<HTMLOListElement>(null)
  const isNew = useIsNew(all)
  useMarkRead(all)

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
      <ListEnd query={list} items={items} onScroll={(load) => void withInteraction('scroll load more', load)} />
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
