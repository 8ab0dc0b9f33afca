import type { UserShort } from '@cruddur/shared/users'
import { useFollow } from './use-follow.ts'

type Props = {
  person: Pick<UserShort, 'handle' | 'display_name'>
  isFollowed: boolean
  isSmall?: boolean
  onWish?: (follows: boolean) => void
}

export const FollowButton = ({ person, isFollowed, isSmall = false, onWish }: Props) => {
  const follow = useFollow(person, onWish)
  return (
    <button
      type="button"
      className={`button follow ${isSmall ? 'button-small' : ''} ${isFollowed ? 'button-quiet' : ''}`}
      data-trace={isFollowed ? 'unfollow' : 'follow'}
      aria-pressed={isFollowed}
      title={isFollowed ? `Unfollow ${person.display_name}` : undefined}
      onClick={() => follow(!isFollowed)}
    >
      {isFollowed ? 'Following' : 'Follow'}
      <span className="visually-hidden"> {person.display_name}</span>
    </button>
  )
}
