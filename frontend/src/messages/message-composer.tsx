import { messageMaxLength } from '@cruddur/shared/messages'
import { type KeyboardEvent, useEffect, useId, useRef } from 'react'
import { Icon } from '../ui/icons.tsx'
import { Reference } from '../ui/reference.tsx'
import { countCharacters, leftWords, tooLongWords, usedWords } from '../writing/character-count.ts'
import { useWriting } from '../writing/outbox-provider.tsx'

type Props = { other: { handle: string; display_name: string } }

export const MessageComposer = ({ other: { handle, display_name } }: Props) => {
  const id = useId()
  const field = useRef<HTMLTextAreaElement>(null)
  const { draft, setDraft, send } = useWriting(`message:${handle}`)
  const { message, refusal } = draft
  const count = countCharacters(message, messageMaxLength)
  const isSendable = count.used > 0 && !count.isOver
  const isWrong = count.isOver || refusal !== null

  useEffect(() => {
    // On a touch screen the keyboard would cover the messages.
    if (!matchMedia('(pointer: fine)').matches) return
    // One frame later: a navigation gives the focus to the page first.
    const frame = requestAnimationFrame(() => field.current?.focus({ preventScroll: true }))
    return () => cancelAnimationFrame(frame)
  }, [])

  const sendByKey = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    event.currentTarget.form?.requestSubmit()
  }

  return (
    <form
      className="message-composer"
      data-trace="send message"
      aria-label={`Message to ${display_name}`}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        field.current?.focus()
        if (isSendable) send({ kind: 'message', handle, display_name })
      }}
    >
      <label className="visually-hidden" htmlFor={`${id}text`}>
        Your message to {display_name}
      </label>
      <textarea
        ref={field}
        id={`${id}text`}
        className="field-control"
        rows={1}
        dir="auto"
        enterKeyHint="send"
        placeholder="Write a message"
        value={message}
        aria-invalid={isWrong || undefined}
        aria-describedby={`${id}note`}
        onChange={({ target }) => setDraft({ ...draft, message: target.value, refusal: null })}
        onKeyDown={sendByKey}
      />
      <button
        type="submit"
        className="button message-send"
        aria-disabled={!isSendable}
        title="Press Enter to send, Shift+Enter for a new line"
      >
        <Icon name="send" />
        <span className="visually-hidden">Send</span>
      </button>
      <div id={`${id}note`} className="message-count" data-over={isWrong || undefined}>
        {refusal ? (
          <p role="alert">Not sent. {refusal.sentence}</p>
        ) : (
          <p>{tooLongWords(count) ?? (count.used > 0 && usedWords(count))}</p>
        )}
        {refusal?.traceId && <Reference traceId={refusal.traceId} />}
        <p role="status" className="visually-hidden">
          {leftWords(count)}
        </p>
      </div>
    </form>
  )
}
