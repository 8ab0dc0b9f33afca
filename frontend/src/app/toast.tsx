import { type ReactNode, useEffect, useEffectEvent, useState } from 'react'
import { isTraceKept } from '../telemetry/index.ts'
import { Icon } from '../ui/icons.tsx'
import { Reference } from '../ui/reference.tsx'
import type { PastAction } from './action-history.ts'
import { milliseconds, splitOf, wordsOf } from './action-words.ts'
import { useActions, useTraceUrl } from './actions.tsx'

const shownMs = 8_000

/** Shows how long the last click took, with a link to its trace. A notice about a failure comes first. */
export const Toast = () => {
  const { list, notice, dismissNotice } = useActions()
  const [seen, setSeen] = useState<string | null>(null)
  const urlOf = useTraceUrl()

  const latest = list.find(({ name }) => !/^(scroll|sync) /.test(name))
  const noticed = notice?.traceId ? list.find(({ traceId }) => traceId === notice.traceId) : undefined
  const action = notice ? noticed : latest?.spanId === seen ? undefined : latest

  const dismiss = () => {
    setSeen(latest?.spanId ?? null)
    dismissNotice()
  }

  return (
    <section aria-label="Your last action">
      <p role="status" className="visually-hidden">
        {!notice && action && `${wordsOf(action)} · ${milliseconds(action.durationMs)}`}
      </p>
      <div role="alert">{notice && <p className="visually-hidden">{notice.sentence}</p>}</div>
      {(notice || action) && (
        <Chip key={notice?.sentence ?? action?.spanId} isTrouble={notice !== null} dismiss={dismiss}>
          <p className="toast-words">
            {notice ? <span className="toast-sentence">{notice.sentence}</span> : action && wordsOf(action)}
            {action && <Cost action={action} />}
          </p>
          <TraceLink
            traceId={notice?.traceId ?? (action && isTraceKept(action.traceId) ? action.traceId : null)}
            url={action ? urlOf(action) : null}
          />
        </Chip>
      )}
    </section>
  )
}

const Cost = ({ action }: { action: PastAction }) => {
  const split = splitOf(action)
  return (
    <span className="toast-cost">
      {' · '}
      <strong>{milliseconds(action.durationMs)}</strong>
      {split && (
        <>
          <span className="toast-dash"> — </span>
          <span className="toast-split">{split}</span>
        </>
      )}
    </span>
  )
}

const TraceLink = ({ traceId, url }: { traceId: string | null; url: string | null }) => {
  if (url) {
    return (
      <a className="toast-link" href={url} target="_blank" rel="noopener" data-trace="see the trace">
        <span>
          <span className="toast-see">See the </span>
          <span className="toast-trace">trace</span>
        </span>
        <Icon name="out" size={16} />
        <span className="visually-hidden">(in a new tab)</span>
      </a>
    )
  }
  return traceId ? <Reference traceId={traceId} /> : null
}

type ChipProps = { isTrouble: boolean; dismiss: () => void; children: ReactNode }

/** Closes by itself, but not while it has the pointer or the focus. */
const Chip = ({ isTrouble, dismiss, children }: ChipProps) => {
  const [isHovered, setHovered] = useState(false)
  const [isFocused, setFocused] = useState(false)
  const isHeld = isHovered || isFocused

  const leave = useEffectEvent(dismiss)
  useEffect(() => {
    if (isHeld) return
    const timer = setTimeout(() => leave(), isTrouble ? 2 * shownMs : shownMs)
    return () => clearTimeout(timer)
  }, [isHeld, isTrouble])

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hovering only keeps it open.
    <div
      className="toast"
      data-trouble={isTrouble || undefined}
      onPointerEnter={() => setHovered(true)}
      onPointerLeave={() => setHovered(false)}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
    >
      {children}
      <button type="button" className="icon-button" data-trace="dismiss" onClick={dismiss}>
        <Icon name="close" size={18} />
        <span className="visually-hidden">Dismiss</span>
      </button>
    </div>
  )
}
