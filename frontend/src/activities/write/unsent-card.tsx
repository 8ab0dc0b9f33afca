import { Link, useNavigate } from 'react-router'
import { Avatar } from '../../ui/avatar.tsx'
import { useCurrentUser } from '../../ui/current-user.ts'
import { Icon } from '../../ui/icons.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Reference } from '../../ui/reference.tsx'
import { placeOf, type Unsent } from '../../writing/outbox.ts'
import { useOutbox } from '../../writing/outbox-provider.tsx'
import { activityAddress } from '../addresses.ts'
import { ActivityText } from '../card/activity-text.tsx'

type Props = {
  unsent: Unsent
  /** Moves the focus to the composer that the text came from. */
  onEdit?: () => void
  isReply?: boolean
}

const headByState = { sending: 'Sending…', waiting: 'Waiting to be sent', refused: 'Not sent' } as const

export const UnsentCard = ({ unsent, onEdit, isReply = false }: Props) => {
  const { user } = useCurrentUser()
  const { tryNow, takeBack, discard } = useOutbox()
  const notify = useNotify()
  const navigate = useNavigate()
  const { key, state, message, target, sentence, traceId } = unsent
  const replyTo = target.kind === 'reply' ? target : null

  const edit = () => {
    if (!takeBack(unsent)) return notify({ sentence: 'Your text is being sent right now.', traceId: null })
    if (onEdit) return onEdit()
    const composer = document.querySelector<HTMLElement>(`[data-place="${CSS.escape(placeOf(target))}"]`)
    if (composer) composer.focus()
    else void navigate(replyTo ? activityAddress(replyTo) : '/')
  }

  return (
    <article
      className={isReply ? 'activity unsent' : 'activity card unsent'}
      aria-label={replyTo && !isReply ? 'Your reply' : 'Your crud'}
      data-state={state}
    >
      <div className="crud">
        {user && <Avatar handle={user.handle} size={isReply ? 34 : 44} />}
        <div className="crud-main">
          <p className="crud-head">
            <strong className="crud-author">{user?.display_name}</strong>
            <span className="handle">@{user?.handle}</span>
          </p>
          {replyTo && !isReply && (
            <p className="hint">
              Reply to{' '}
              <Link to={activityAddress(replyTo)} data-trace="open crud">
                @{replyTo.handle}
              </Link>
            </p>
          )}
          <ActivityText message={message} />
          <p role="status" className="unsent-state">
            <Icon name={state === 'refused' ? 'close' : 'clock'} size={18} />
            <span>
              <strong>{headByState[state]}</strong>
              {sentence && state !== 'sending' && <>. {sentence}</>}
            </span>
          </p>
          {state !== 'sending' && (
            <div className="unsent-actions">
              <button type="button" className="button button-small" data-trace="try now" onClick={() => tryNow(key)}>
                Try now
              </button>
              <button type="button" className="button button-quiet button-small" data-trace="edit" onClick={edit}>
                Edit
              </button>
              <button
                type="button"
                className="button button-quiet button-small"
                data-trace="discard"
                onClick={() => discard(key)}
              >
                Discard
              </button>
            </div>
          )}
          {state === 'refused' && traceId && <Reference traceId={traceId} />}
        </div>
      </div>
    </article>
  )
}
