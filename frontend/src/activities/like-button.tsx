import type { Reply } from '@cruddur/shared/activities'
import { Icon } from '../ui/icons.tsx'
import { firstWords } from './feed.ts'
import { useLike } from './likes.tsx'

export const LikeButton = ({ activity }: { activity: Reply }) => {
  const { liked, likes_count, toggle } = useLike(activity)
  return (
    <button
      type="button"
      className="count like"
      data-trace={liked ? 'unlike' : 'like'}
      aria-pressed={liked}
      aria-label={`Like ${activity.display_name}’s crud “${firstWords(activity.message)}”: ${likes_count} ${likes_count === 1 ? 'like' : 'likes'}`}
      title={liked ? 'Take the like back' : 'Like'}
      onClick={toggle}
    >
      <Icon name="heart" size={18} />
      <span aria-hidden="true">{likes_count}</span>
    </button>
  )
}
