import type { Reply } from '@cruddur/shared/activities'
import { type ReactNode, useRef, useState } from 'react'
import { Link } from 'react-router'
import { Avatar } from '../ui/avatar.tsx'
import { useCurrentUser } from '../ui/current-user.ts'
import { exactTime } from '../ui/relative-time.ts'
import { TimeAgo, TimeLeft } from '../ui/times.tsx'
import { Composer } from './composer.tsx'
import { DeleteButton } from './delete-button.tsx'
import { crudAddress, profileAddress } from './feed.ts'
import { LikeButton, ReplyButton, RepostButton } from './marks.tsx'
import { MessageText } from './message-text.tsx'
import { useUnsentAt } from './outbox.tsx'
import { ShareButton } from './share-button.tsx'
import { UnsentCard } from './unsent-card.tsx'

type Props = {
  crud: Reply
  size?: 'small' | 'middle' | 'large'
  /** Where its replies are written; without, below the crud when one asks for it. */
  onReply?: () => void
}

const avatarSize = { small: 34, middle: 44, large: 52 } as const

export const Crud = ({ crud, size = 'middle', onReply }: Props) => {
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
        to={profileAddress(crud.handle)}
        className="crud-avatar"
        data-trace="open profile"
        tabIndex={-1}
        aria-hidden="true"
      >
        <Avatar handle={crud.handle} size={avatarSize[size]} />
      </Link>
      <div className="crud-main">
        <Head crud={crud} isLarge={size === 'large'} />
        <MessageText message={crud.message} />
        {size === 'large' && (
          <p className="crud-time hint">
            <time dateTime={crud.created_at}>{exactTime(crud.created_at)}</time>
          </p>
        )}
        <div className="crud-foot">
          <div className="marks">
            <ReplyButton
              activity={crud}
              {...(onReply ? { onClick: onReply } : { isOpen: isReplying, onClick: () => setReplying(!isReplying) })}
            />
            <RepostButton activity={crud} />
            <LikeButton activity={crud} />
            <ShareButton activity={crud} />
            {user?.handle === crud.handle && <DeleteButton activity={crud} />}
          </div>
          <TimeLeft from={crud.created_at} until={crud.expires_at} />
        </div>
        {!onReply && <Below crud={crud} isReplying={isReplying} open={() => setReplying(true)} close={closeReply} />}
      </div>
    </div>
  )
}

const Head = ({ crud, isLarge }: { crud: Reply; isLarge: boolean }) => (
  <p className="crud-head">
    <Link to={profileAddress(crud.handle)} className="crud-who" data-trace="open profile">
      <strong className="crud-author">{crud.display_name}</strong> <span className="handle">@{crud.handle}</span>
    </Link>
    <span className="dot" aria-hidden="true">
      ·
    </span>
    {isLarge ? (
      <TimeAgo at={crud.created_at} />
    ) : (
      <Link to={crudAddress(crud)} className="crud-link" data-trace="open crud">
        <TimeAgo at={crud.created_at} />
      </Link>
    )}
  </p>
)

type BelowProps = { crud: Reply; isReplying: boolean; open: () => void; close: () => void }

const Below = ({ crud, isReplying, open, close }: BelowProps): ReactNode => {
  const unsent = useUnsentAt(`reply:${crud.uuid}`)
  return (
    <>
      {unsent.map((one) => (
        <UnsentCard key={one.key} unsent={one} onEdit={open} isReply />
      ))}
      {isReplying && <Composer replyTo={crud} isFocused onDone={close} />}
    </>
  )
}
