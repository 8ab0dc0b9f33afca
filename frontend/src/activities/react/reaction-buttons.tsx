import type { Reply } from '@cruddur/shared/activities'
import { Icon } from '../../ui/icons.tsx'
import { counted, firstWords } from '../activity-words.ts'
import { useLike, useRepost } from './use-reactions.ts'

const nameOf = ({ display_name, message }: Reply): string => `${display_name}’s crud “${firstWords(message)}”`

export const LikeButton = ({ activity }: { activity: Reply }) => {
  const { isOn, count, toggle } = useLike(activity)
  return (
    <button
      type="button"
      className="mark like"
      data-trace={isOn ? 'unlike' : 'like'}
      aria-pressed={isOn}
      aria-label={`Like ${nameOf(activity)}: ${counted(count, 'like', 'likes')}`}
      title={isOn ? 'Unlike' : 'Like'}
      onClick={toggle}
    >
      <Icon name="heart" size={18} />
      <span aria-hidden="true">{count}</span>
    </button>
  )
}

export const RepostButton = ({ activity }: { activity: Reply }) => {
  const { isOn, count, toggle } = useRepost(activity)
  return (
    <button
      type="button"
      className="mark repost"
      data-trace={isOn ? 'undo repost' : 'repost'}
      aria-pressed={isOn}
      aria-label={`Repost ${nameOf(activity)}: ${counted(count, 'repost', 'reposts')}`}
      title={isOn ? 'Undo repost' : 'Repost'}
      onClick={toggle}
    >
      <Icon name="repost" size={18} />
      <span aria-hidden="true">{count}</span>
    </button>
  )
}

type ReplyProps = { activity: Reply; isOpen?: boolean; onClick: () => void }

export const ReplyButton = ({ activity, isOpen, onClick }: ReplyProps) => (
  <button
    type="button"
    className="mark"
    data-trace="reply"
    aria-expanded={isOpen}
    aria-label={`Reply to ${nameOf(activity)}: ${counted(activity.replies_count, 'reply', 'replies')}`}
    title="Reply"
    onClick={onClick}
  >
    <Icon name="reply" size={18} />
    <span aria-hidden="true">{activity.replies_count}</span>
  </button>
)
