import { partsOf } from '@cruddur/shared/message-parts'
import type { Profile } from '@cruddur/shared/users'
import { useState } from 'react'
import { Link } from 'react-router'
import { Avatar } from '../ui/avatar.tsx'
import { useCurrentUser } from '../ui/current-user.ts'
import { Icon } from '../ui/icons.tsx'
import { LinkedText } from '../ui/linked-text.tsx'
import { pageTitleId } from '../ui/page-title.ts'
import { EditProfile } from './edit-profile.tsx'
import { FollowButton } from './follow-button.tsx'
import { useFollow } from './use-follow.ts'

const compact = new Intl.NumberFormat('en', { notation: 'compact' })
const month = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric' })

export const ProfileHead = ({ profile }: { profile: Profile }) => {
  const { user } = useCurrentUser()
  const isOwn = user?.handle === profile.handle
  const follow = useFollow(profile)
  return (
    <header className="card profile">
      <div className="profile-top">
        <Avatar handle={profile.handle} size={88} />
        <div className="profile-actions">
          {isOwn ? <EditButton profile={profile} /> : <OthersActions profile={profile} follow={follow} />}
        </div>
      </div>
      <div className="profile-who">
        <h1 id={pageTitleId} dir="auto">
          {profile.display_name}
        </h1>
        <p className="handle">
          @{profile.handle} {profile.follows_you && !isOwn && <span className="follows-you">Follows you</span>}
        </p>
      </div>
      {profile.bio && (
        <p className="profile-bio" dir="auto">
          <LinkedText parts={partsOf(profile.bio)} />
        </p>
      )}
      <p className="profile-since">
        <Icon name="clock" size={18} /> Joined{' '}
        <time dateTime={profile.created_at}>{month.format(new Date(profile.created_at))}</time>
      </p>
      <ul className="profile-counts">
        <Count count={profile.cruds_count} one="crud" many="cruds" />
        <Count count={profile.following_count} one="following" many="following" />
        <Count count={follow.count} one="follower" many="followers" />
      </ul>
    </header>
  )
}

const Count = ({ count, one, many }: { count: number; one: string; many: string }) => (
  <li title={`${count.toLocaleString('en')} ${count === 1 ? one : many}`}>
    <strong>{compact.format(count)}</strong> {count === 1 ? one : many}
  </li>
)

const OthersActions = ({ profile, follow }: { profile: Profile; follow: ReturnType<typeof useFollow> }) => (
  <>
    <Link
      to={`/messages/new/${profile.handle}`}
      className="button button-quiet profile-message"
      data-trace="message"
      title={`Write to ${profile.display_name}`}
    >
      <Icon name="mail" />
      <span className="visually-hidden">Message {profile.display_name}</span>
    </Link>
    <FollowButton name={profile.display_name} follow={follow} />
  </>
)

const EditButton = ({ profile }: { profile: Profile }) => {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button
        type="button"
        className="button button-quiet"
        data-trace="edit profile"
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        <Icon name="pen" />
        Edit profile
      </button>
      <EditProfile profile={profile} isOpen={isOpen} onClose={() => setOpen(false)} />
    </>
  )
}
