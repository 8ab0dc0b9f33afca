import type { Activity, Reply } from '@cruddur/shared/activities'
import { Avatar } from '../ui/avatar.tsx'
import { Icon, type IconName } from '../ui/icons.tsx'
import { TimeAgo, TimeLeft } from '../ui/times.tsx'
import { LikeButton } from './like-button.tsx'

export const ActivityCard = ({ activity }: { activity: Activity }) => (
  <article className="activity card" tabIndex={-1} aria-label={`Crud by ${activity.display_name}`}>
    <Crud crud={activity} />
    {activity.replies.length > 0 && (
      <ol className="replies" aria-label="Replies">
        {activity.replies.map((reply) => (
          <li key={reply.uuid} className="reply">
            <Crud crud={reply} isReply />
          </li>
        ))}
      </ol>
    )}
  </article>
)

const Crud = ({ crud, isReply = false }: { crud: Reply; isReply?: boolean }) => (
  <div className="crud">
    <Avatar handle={crud.handle} size={isReply ? 34 : 44} />
    <div className="crud-main">
      <p className="crud-head">
        <strong className="crud-author">{crud.display_name}</strong>
        <span className="handle">@{crud.handle}</span>
        <span className="dot" aria-hidden="true">
          ·
        </span>
        <TimeAgo at={crud.created_at} />
      </p>
      <p className="crud-message" dir="auto">
        {crud.message}
      </p>
      <div className="crud-foot">
        <LikeButton activity={crud} />
        <Count icon="reply" count={crud.replies_count} one="reply" many="replies" />
        <Count icon="repost" count={crud.reposts_count} one="repost" many="reposts" />
        <TimeLeft from={crud.created_at} until={crud.expires_at} />
      </div>
    </div>
  </div>
)

type CountProps = { icon: IconName; count: number; one: string; many: string }

const Count = ({ icon, count, one, many }: CountProps) => {
  const words = `${count} ${count === 1 ? one : many}`
  return (
    <span className="count" title={words}>
      <Icon name={icon} size={18} />
      <span aria-hidden="true">{count}</span>
      <span className="visually-hidden">{words}</span>
    </span>
  )
}
