import type { Reply } from '@cruddur/shared/activities'
import { type ReactNode, useRef, useState } from 'react'
import { Link } from 'react-router'
import { Avatar } from '../../ui/avatar.tsx'
import { useCurrentUser } from '../../ui/current-user.ts'
import { exactTime } from '../../ui/relative-time.ts'
import { TimeAgo, TimeLeft } from '../../ui/times.tsx'
import { useUnsentAt } from '../../writing/outbox-provider.tsx'
import { activityAddress, profileAddress } from '../addresses.ts'
import { LikeButton, ReplyButton, RepostButton } from '../react/reaction-buttons.tsx'
import { Composer } from '../write/composer.tsx'
import { UnsentCard } from '../write/unsent-card.tsx'
import { ActivityText } from './activity-text.tsx'
import { DeleteButton } from './delete-button.tsx'
import { ShareButton } from './share-button.tsx'

type Props = {
  activity: Reply
  size?: 'small' | 'middle' | 'large'
  /** Moves the focus to a composer elsewhere on the page. Without `onReply`, a composer opens below the text. */
  onReply?: () => void
}

const avatarSize = { small: 34, middle: 44, large: 52 } as const

export const ActivityBody = ({ activity, size = 'middle', onReply }: Props) => {
  const { user } = useCurrentUser()
  const [isReplying, setReplying] = useState(false)
  const element = useRef<HTMLDivElement>(null)

  const closeReply = () => {
    setReplying(false)
    element.current?.querySelector<HTMLElement>('[data-trace="reply"]')?.focus()
  }

  return (
    <div className="crud" data-size={size} ref={element}>
      <Link
        to={profileAddress(activity.handle)}
        className="crud-avatar"
        data-trace="open profile"
        tabIndex={-1}
        aria-hidden="true"
      >
        <Avatar handle={activity.handle} size={avatarSize[size]} />
      </Link>
      <div className="crud-main">
        <Head activity={activity} isLarge={size === 'large'} />
        <ActivityText message={activity.message} />
        {size === 'large' && (
          <p className="crud-time hint">
            <time dateTime={activity.created_at}>{exactTime(activity.created_at)}</time>
          </p>
        )}
        <div className="crud-foot">
          <div className="marks">
            <ReplyButton
              activity={activity}
              {...(onReply ? { onClick: onReply } : { isOpen: isReplying, onClick: () => setReplying(!isReplying) })}
            />
            <RepostButton activity={activity} />
            <LikeButton activity={activity} />
            <ShareButton activity={activity} />
            {user?.handle === activity.handle && <DeleteButton activity={activity} />}
          </div>
          <TimeLeft from={activity.created_at} until={activity.expires_at} />
        </div>
        {!onReply && (
          <Below activity={activity} isReplying={isReplying} open={() => setReplying(true)} close={closeReply} />
        )}
      </div>
    </div>
  )
}

const Head = ({ activity, isLarge }: { activity: Reply; isLarge: boolean }) => (
  <p className="crud-head">
    <Link to={profileAddress(activity.handle)} className="crud-who" data-trace="open profile">
      <strong className="crud-author">{activity.display_name}</strong>{' '}
      <span className="handle">@{activity.handle}</span>
    </Link>
    <span className="dot" aria-hidden="true">
      ·
    </span>
    {isLarge ? (
      <TimeAgo at={activity.created_at} />
    ) : (
      <Link to={activityAddress(activity)} className="crud-link" data-trace="open crud">
        <TimeAgo at={activity.created_at} />
      </Link>
    )}
  </p>
)

type BelowProps = { activity: Reply; isReplying: boolean; open: () => void; close: () => void }

const Below = ({ activity, isReplying, open, close }: BelowProps): ReactNode => {
  const unsent = useUnsentAt(`reply:${activity.uuid}`)
  return (
    <>
      {unsent.map((one) => (
        <UnsentCard key={one.key} unsent={one} onEdit={open} isReply />
      ))}
      {isReplying && <Composer replyTo={activity} isFocused onDone={close} />}
    </>
  )
}
