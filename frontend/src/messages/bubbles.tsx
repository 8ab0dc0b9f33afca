import { partsOf } from '@cruddur/shared/message-parts'
import { useCallback, useMemo } from 'react'
import { useTimed } from '../ui/clock.ts'
import { Icon } from '../ui/icons.tsx'
import { LinkedText } from '../ui/linked-text.tsx'
import { Reference } from '../ui/reference.tsx'
import { exactTime } from '../ui/relative-time.ts'
import type { Unsent } from '../writing/outbox.ts'
import { useOutbox } from '../writing/outbox-provider.tsx'
import { dayWords, type Turn } from './thread-pages.ts'

const clock = new Intl.DateTimeFormat('en', { hour: 'numeric', minute: '2-digit' })

export const Bubble = ({ turn, isMine }: { turn: Turn; isMine: boolean }) => {
  const { message, beginsDay, endsTurn } = turn
  return (
    <>
      {beginsDay && <Day at={message.created_at} />}
      <li data-message className="bubble-line" data-mine={isMine || undefined} data-ends={endsTurn || undefined}>
        <span className="visually-hidden">{isMine ? 'You' : message.display_name}: </span>
        <Text text={message.message} />
        {endsTurn && (
          <time className="bubble-time" dateTime={message.created_at} title={exactTime(message.created_at)}>
            {clock.format(new Date(message.created_at))}
          </time>
        )}
      </li>
    </>
  )
}

const Text = ({ text }: { text: string }) => {
  const parts = useMemo(() => partsOf(text), [text])
  return (
    <p className="bubble" dir="auto">
      <LinkedText parts={parts} />
    </p>
  )
}

const Day = ({ at }: { at: string }) => {
  const words = useTimed(useCallback((now) => dayWords(at, now), [at]))
  return <li className="thread-day">{words}</li>
}

export const UnsentBubble = ({ unsent: { key, message, state, sentence, traceId } }: { unsent: Unsent }) => {
  const { tryNow, discard } = useOutbox()
  return (
    <li className="bubble-line" data-mine data-ends data-state={state === 'sending' ? state : 'failed'}>
      <span className="visually-hidden">You: </span>
      <Text text={message} />
      {state === 'sending' ? (
        <span className="bubble-time">
          <Icon name="clock" size={16} /> Sending…
        </span>
      ) : (
        <div className="bubble-trouble">
          <p role={state === 'refused' ? 'alert' : 'status'}>
            {state === 'waiting' ? 'Not sent yet.' : 'Not sent.'} {sentence}
          </p>
          <div className="bubble-actions">
            <button
              type="button"
              className="button button-quiet button-small"
              data-trace="try message again"
              onClick={() => tryNow(key)}
            >
              Try again
            </button>
            <button
              type="button"
              className="button button-danger button-small"
              data-trace="discard message"
              onClick={() => discard(key)}
            >
              Discard
            </button>
          </div>
          {state === 'refused' && traceId && <Reference traceId={traceId} />}
        </div>
      )}
    </li>
  )
}
