import { useEffect, useMemo, useState } from 'react'
import { callsOf, clockOffsets, clocksAgree, shiftsOf } from '../trace/clock.ts'
import type { Trace } from '../trace/span.ts'
import { missingOf } from '../trace/summary.ts'
import { follow, go, replaceParameters, useAddress } from './address.ts'
import { CopyButton } from './copy-button.tsx'
import { count, dateTime, offset } from './format.ts'
import { SpanDetails } from './span-details.tsx'
import { TraceFigures } from './trace-figures.tsx'
import { useLiveJson } from './use-live-json.ts'
import { useShortcuts } from './use-shortcuts.ts'
import { Waterfall } from './waterfall.tsx'

export const TracePage = ({ traceId }: { traceId: string }) => {
  const loaded = useLiveJson<Trace>(`/api/traces/${encodeURIComponent(traceId)}`, traceId)
  useShortcuts({ u: () => go('/') })

  useEffect(() => {
    const name = loaded.state === 'here' ? loaded.body.summary.rootName : 'Trace'
    document.title = `${name} · Observatory`
  }, [loaded])

  if (loaded.state === 'here') return <TraceView trace={loaded.body} />
  return (
    <main className="page">
      <BackLink />
      {loaded.state === 'missing' && (
        <section className="empty" role="status">
          <h1>This trace is not here</h1>
          <p>
            Spans are sent in batches: if it is new, it appears by itself within seconds. If it is old, it has left the
            window, which keeps the latest traces only.
          </p>
          <code>{traceId}</code>
        </section>
      )}
      {loaded.state === 'failed' && <p className="notice is-bad">{loaded.why}</p>}
    </main>
  )
}

const BackLink = () => (
  <a className="back" href="/" onClick={follow}>
    <span aria-hidden="true">←</span> All traces
  </a>
)

const TraceView = ({ trace }: { trace: Trace }) => {
  const chosenId = useAddress().searchParams.get('span')
  const [aligned, setAligned] = useRemembered('align')
  const { calls, offsets, missing } = useMemo(() => {
    const calls = callsOf(trace.spans)
    return { calls, offsets: clockOffsets(calls), missing: missingOf(trace.spans) }
  }, [trace])
  const { summary } = trace
  const shifts = useMemo(
    () => (aligned ? shiftsOf(summary.rootService, offsets) : new Map<string, number>()),
    [aligned, offsets, summary.rootService],
  )
  const chosen = trace.spans.find((span) => span.spanId === chosenId)
  const choose = (spanId: string | null) => replaceParameters({ span: spanId })
  const close = () => choose(null)
  const clock = offsets[0]
  useShortcuts({ a: () => setAligned(!aligned), Escape: close })

  return (
    <main className="page is-trace">
      <BackLink />
      <div className="page-head">
        <div className="trace-title">
          <h1>{summary.rootName || '(no name)'}</h1>
          <p className="trace-id">
            <time dateTime={new Date(summary.startMs).toISOString()}>{dateTime(summary.startMs)}</time>
            <code>{trace.traceId}</code>
          </p>
        </div>
        <div className="actions">
          <CopyButton text={trace.traceId} label="Copy trace id" wordy />
          <a className="button" href={`/api/traces/${trace.traceId}`} download={`trace-${trace.traceId}.json`}>
            <svg viewBox="0 0 24 24" aria-hidden="true">
              <path d="M12 4v11m-5-5 5 5 5-5M5 20h14" />
            </svg>
            <span className="button-text">Download JSON</span>
          </a>
        </div>
      </div>
      <TraceFigures summary={summary} />
      {missing.length > 0 && (
        <div className="notice" role="status">
          <b>This trace is incomplete.</b> {missing.join(' ')}
        </div>
      )}
      {trace.droppedSpans > 0 && (
        <div className="notice">
          {count(trace.droppedSpans, 'span')} of this trace did not fit into the window and are not shown.
        </div>
      )}
      {clock && (
        <div className={clocksAgree(clock) || aligned ? 'clock' : 'clock is-apart'}>
          <p>
            <b>Clock offset {offset(clock.offsetMs)}</b> <span>± {offset(clock.errorMs).slice(1)}</span>{' '}
            {aligned ? (
              <mark>
                Aligned: the bars of {clock.to} are moved by {offset(-clock.offsetMs)}.
              </mark>
            ) : clocksAgree(clock) ? (
              <span className="clock-words">
                {clock.to} and {clock.from} agree as far as can be told.
              </span>
            ) : (
              <span>
                {clock.to} runs {clock.offsetMs > 0 ? 'ahead of' : 'behind'} {clock.from}: its bars lie where its own
                clock put them.
              </span>
            )}
          </p>
          <label className="switch">
            <input
              type="checkbox"
              role="switch"
              aria-checked={aligned}
              checked={aligned}
              onChange={(event) => setAligned(event.currentTarget.checked)}
            />
            <span className="switch-track" aria-hidden="true" />
            Align clocks
          </label>
        </div>
      )}
      <div className={chosen ? 'trace-body has-details' : 'trace-body'}>
        <Waterfall trace={trace} calls={calls} shifts={shifts} chosenId={chosen?.spanId ?? null} onChoose={choose} />
        {chosen && (
          <SpanDetails
            key={chosen.spanId}
            span={chosen}
            server={calls.find((call) => call.client === chosen)?.server}
            traceStartMs={summary.startMs}
            onClose={close}
          />
        )}
      </div>
    </main>
  )
}

const useRemembered = (name: string): [boolean, (value: boolean) => void] => {
  const [value, setValue] = useState(() => {
    try {
      return localStorage.getItem(name) === 'true'
    } catch {
      return false
    }
  })
  const remember = (next: boolean) => {
    try {
      localStorage.setItem(name, String(next))
    } catch {}
    setValue(next)
  }
  return [value, remember]
}
