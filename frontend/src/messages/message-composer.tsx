import { messageMaxLength } from '@cruddur/shared/messages'
import { lengthOf, tidied } from '@cruddur/shared/text'
import { type KeyboardEvent, useEffect, useId, useRef } from 'react'
import { Icon } from '../ui/icons.tsx'
import { useMessageDraft } from './use-unsent.ts'

type Props = { place: string; to: string; write: (message: string) => void }

const nearTheEnd = 100

export const MessageComposer = ({ place, to, write }: Props) => {
  const id = useId()
  const field = useRef<HTMLTextAreaElement>(null)
  const [text, setText] = useMessageDraft(place)
  const used = lengthOf(tidied(text))
  const left = messageMaxLength - used
  const isSendable = used > 0 && left >= 0

  useEffect(() => {
    // Where a keyboard would cover half of what there is to read, it waits to be asked for.
    if (!matchMedia('(pointer: fine)').matches) return
    // After the page, which takes the focus when it is gone to.
    const frame = requestAnimationFrame(() => field.current?.focus({ preventScroll: true }))
    return () => cancelAnimationFrame(frame)
  }, [])

  const send = () => {
    field.current?.focus()
    if (!isSendable) return
    write(text.trim())
    setText('')
  }

  const sendByKey = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    event.currentTarget.form?.requestSubmit()
  }

  return (
    <form
      className="message-composer"
      data-trace="send message"
      aria-label={`Message to ${to}`}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <label className="visually-hidden" htmlFor={`${id}text`}>
        Your message to {to}
      </label>
      <textarea
        ref={field}
        id={`${id}text`}
        className="field-control"
        rows={1}
        dir="auto"
        enterKeyHint="send"
        placeholder="Write a message"
        value={text}
        aria-invalid={left < 0 || undefined}
        aria-describedby={`${id}count`}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={sendByKey}
      />
      <button
        type="submit"
        className="button message-send"
        aria-disabled={!isSendable}
        title="Enter sends, Shift+Enter starts a new line"
      >
        <Icon name="send" />
        <span className="visually-hidden">Send</span>
      </button>
      <p id={`${id}count`} className="message-count" data-over={left < 0 || undefined}>
        {left < 0
          ? `${-left} too many: ${messageMaxLength.toLocaleString('en')} characters is the most.`
          : used > 0 && `${used.toLocaleString('en')} of ${messageMaxLength.toLocaleString('en')}`}
        <span role="status" className="visually-hidden">
          {left >= 0 && left <= nearTheEnd && `${Math.ceil(left / 10) * 10} characters left at most`}
        </span>
      </p>
    </form>
  )
}
