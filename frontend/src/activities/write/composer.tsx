import { activityMaxLength, type Reply, replyMaxLength, type Ttl, ttls } from '@cruddur/shared/activities'
import { sentenceByCode } from '@cruddur/shared/errors'
import { type KeyboardEvent, useEffect, useId, useRef } from 'react'
import { Avatar } from '../../ui/avatar.tsx'
import { useCurrentUser } from '../../ui/current-user.ts'
import { Icon } from '../../ui/icons.tsx'
import { Reference } from '../../ui/reference.tsx'
import { type CharacterCount, countCharacters, leftWords, tooLongWords } from '../../writing/character-count.ts'
import type { Target } from '../../writing/outbox.ts'
import { useWriting } from '../../writing/outbox-provider.tsx'

type Props = {
  replyTo?: Pick<Reply, 'uuid' | 'handle' | 'display_name'>
  isFocused?: boolean
  onDone?: () => void
}

export const Composer = ({ replyTo, isFocused = false, onDone }: Props) => {
  const place = replyTo ? (`reply:${replyTo.uuid}` as const) : 'crud'
  const id = useId()
  const { user } = useCurrentUser()
  const { draft, setDraft, send: sendTo } = useWriting(place)
  const field = useRef<HTMLTextAreaElement>(null)
  const { message, ttl, refusal } = draft
  const count = countCharacters(message, replyTo ? replyMaxLength : activityMaxLength)
  const isBlank = count.used === 0

  useEffect(() => {
    if (isFocused) field.current?.focus()
  }, [isFocused])

  const change = (message: string) => setDraft({ ...draft, message, refusal: null })

  const send = (): void => {
    const target: Target = replyTo
      ? { kind: 'reply', uuid: replyTo.uuid, handle: replyTo.handle }
      : { kind: 'crud', ttl }
    field.current?.focus()
    if (isBlank) setDraft({ ...draft, refusal: { sentence: sentenceByCode.message_blank, traceId: null } })
    else if (!count.isOver) sendTo(target, onDone)
  }

  const sendByKey = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.nativeEvent.isComposing) return
    event.preventDefault()
    event.currentTarget.form?.requestSubmit()
  }

  const trouble = tooLongWords(count) ?? refusal?.sentence
  return (
    <form
      className={replyTo ? 'composer' : 'composer card'}
      data-trace={replyTo ? 'send reply' : 'post'}
      aria-label={replyTo ? `Reply to ${replyTo.display_name}` : 'New crud'}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      {user ? (
        <Avatar handle={user.handle} size={replyTo ? 34 : 44} />
      ) : (
        <span className="composer-nobody" data-small={replyTo ? true : undefined}>
          <Icon name="person" />
        </span>
      )}
      <div className="composer-main">
        <label className="visually-hidden" htmlFor={`${id}text`}>
          {replyTo ? `Your reply to ${replyTo.display_name}` : 'What is going on?'}
        </label>
        <textarea
          ref={field}
          id={`${id}text`}
          className="composer-text"
          data-place={place}
          rows={replyTo ? 1 : 2}
          placeholder={replyTo ? `Reply to @${replyTo.handle}` : 'What is going on?'}
          dir="auto"
          value={message}
          aria-invalid={trouble ? true : undefined}
          aria-describedby={`${id}note`}
          onChange={(event) => change(event.target.value)}
          onKeyDown={sendByKey}
        />
        <div id={`${id}note`} role={refusal ? 'alert' : undefined} className="composer-note">
          {trouble && <p>{trouble}</p>}
          {refusal?.traceId && <Reference traceId={refusal.traceId} />}
        </div>
        <div className="composer-foot">
          {replyTo ? (
            <span className="hint composer-hint">Expires with the crud</span>
          ) : (
            <TtlChoice id={`${id}ttl`} ttl={ttl} choose={(chosen) => setDraft({ ...draft, ttl: chosen })} />
          )}
          <div className="composer-go">
            <Count count={count} />
            <button
              type="submit"
              className="button button-small"
              aria-disabled={isBlank || count.isOver}
              title="Ctrl+Enter or ⌘+Enter"
            >
              {replyTo ? 'Reply' : 'Crud it'}
            </button>
          </div>
        </div>
      </div>
    </form>
  )
}

const TtlChoice = ({ id, ttl, choose }: { id: string; ttl: Ttl; choose: (ttl: Ttl) => void }) => (
  <span className="ttl">
    <Icon name="clock" size={18} />
    <label className="visually-hidden" htmlFor={id}>
      Expires after
    </label>
    <select
      id={id}
      className="ttl-choice"
      data-trace="choose expiry"
      value={ttl}
      onChange={({ target }) => choose(target.value as Ttl)}
    >
      {ttls.map((name) => (
        <option key={name} value={name}>
          {name.replace('-', ' ')}
        </option>
      ))}
    </select>
  </span>
)

const circumference = 2 * Math.PI * 9

const Count = ({ count }: { count: CharacterCount }) => {
  const { used, limit, left, isNear, isOver } = count
  return (
    <span className="character-count" data-near={isNear || undefined} data-over={isOver || undefined}>
      <span aria-hidden="true">{isNear || isOver ? left : used > 0 && `${used}/${limit}`}</span>
      <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
        <circle className="character-count-track" cx="12" cy="12" r="9" />
        <circle
          className="character-count-used"
          cx="12"
          cy="12"
          r="9"
          strokeDasharray={`${Math.min(1, used / limit) * circumference} ${circumference}`}
          transform="rotate(-90 12 12)"
        />
      </svg>
      <span role="status" className="visually-hidden">
        {leftWords(count)}
      </span>
    </span>
  )
}
