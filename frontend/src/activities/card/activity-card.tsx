import type { Activity } from '@cruddur/shared/activities'
import { memo } from 'react'
import { Link } from 'react-router'
import { useCurrentUser } from '../../ui/current-user.ts'
import { Icon } from '../../ui/icons.tsx'
import { counted } from '../activity-words.ts'
import { activityAddress, profileAddress } from '../addresses.ts'
import { hiddenReplies } from '../cache/activity-pages.ts'
import { isFading } from '../use-unexpired.ts'
import { ActivityBody } from './activity-body.tsx'

export const ActivityCard = memo(({ activity }: { activity: Activity }) => {
  const hidden = hiddenReplies(activity)
  return (
    <article className="activity card" tabIndex={-1} aria-label={`Crud by ${activity.display_name}`}>
      {activity.reposted_by && <RepostedBy person={activity.reposted_by} />}
      <ActivityBody activity={activity} />
      {activity.replies.length > 0 && (
        <ol className="replies" aria-label="Replies">
          {activity.replies.map((reply) => (
            <li key={reply.uuid} className="reply" data-leaving={isFading(reply) || undefined}>
              <ActivityBody activity={reply} size="small" />
            </li>
          ))}
        </ol>
      )}
      {hidden > 0 && (
        <Link to={activityAddress(activity)} className="more-replies" data-trace="show all replies">
          {activity.replies.length > 0 ? 'Show all ' : 'Show '}
          {counted(activity.replies_count, 'reply', 'replies')}
        </Link>
      )}
    </article>
  )
})

const RepostedBy = ({ person }: { person: NonNullable<Activity['reposted_by']> }) => {
  const { user } = useCurrentUser()
  return (
    <p className="reposted-by">
      <Icon name="repost" size={16} />
      <span>
        <Link to={profileAddress(person.handle)} data-trace="open profile">
          {person.uuid === user?.uuid ? 'You' : person.display_name}
        </Link>{' '}
        reposted
      </span>
    </p>
  )
}
