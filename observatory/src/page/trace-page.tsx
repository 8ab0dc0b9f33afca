import { useEffect, useMemo, useState } from 'react'
import { answererOf, type ClockOffset, callsOf, clockOffsets, clocksAgree, serverAt, shiftsOf } from '../trace/clock.ts'
import { splitFetch } from '../trace/network.ts'
import { type Place, type Trace, untraced } from '../trace/span.ts'
import { isArriving } from '../trace/summary.ts'
import { follow, go, replaceParameters, useAddress } from './address.ts'
import { CopyButton } from './copy-button.tsx'
import { dateTime, offset } from './format.ts'
import { ItemList } from './item-list.tsx'
import { SignalsNav } from './jumps.tsx'
import { useLiveJson } from './live.ts'
import { LogList } from './log-list.tsx'
import { SegmentList } from './segment-list.tsx'
import { SignalEmpty, SignalSection } from './signal-section.tsx'
import { SpanDetails } from './span-details.tsx'
import { Relations, TraceFigures } from './trace-figures.tsx'
import { useNow } from './use-now.ts'
import { useShortcuts } from './use-shortcuts.ts'
import { Waterfall } from './waterfall.tsx'
import { revealRow } from './waterfall-row.tsx'

/** On these screens the details are a sheet over the lower part of the page, as in trace.css. */
const sheetQuery = matchMedia('(max-width: 1100px)')

const untracedTitle = 'Without a trace'

export const BackLink = () => (
  <a className="back" href="/" onClick={follow}>
    <span aria-hidden="true">←</span> All traces
  </a>
)

export const TracePage = ({ traceId }: { traceId: string }) => {
  const loaded = useLiveJson<Trace & Place>(`/api/traces/${encodeURIComponent(traceId)}`, traceId)
  useShortcuts({ u: () => go('/') })

  useEffect(() => {
    const name = traceId === untraced ? untracedTitle : loaded.state === 'here' ? loaded.body.summary.rootName : 'Trace'
    document.title = `${name} · Observatory`
  }, [loaded, traceId])

  if (loaded.state === 'here') {
    return traceId === untraced ? <Untraced trace={loaded.body} /> : <TraceView trace={loaded.body} />
  }
  return (
    <main className="page">
      <BackLink />
      {loaded.state === 'missing' && (
        <section className="empty" role="status">
          <h1>This trace is not here</h1>
          <p>
            A new trace appears within seconds, because spans are sent in batches. An old one may be gone: the
            observatory keeps only the latest traces.
          </p>
          <code>{traceId}</code>
        </section>
      )}
      {loaded.state === 'failed' && <p className="notice is-bad">{loaded.why}</p>}
    </main>
  )
}

const Untraced = ({ trace }: { trace: Trace }) => (
  <main className="page">
    <BackLink />
    <h1>{untracedTitle}</h1>
    <p className="untraced">Errors and log lines without a trace, such as those from start-up.</p>
    {trace.items.length > 0 && <ItemList trace={trace} onShow={() => {}} />}
    {trace.logs.length > 0 && <LogList trace={trace} chosenId={null} onShow={() => {}} />}
  </main>
)

const TraceView = ({ trace }: { trace: Trace & Place }) => {
  const chosenId = useAddress().searchParams.get('span')
  const [isAligned, setAligned] = useState(false)
  // A sheet would cover the waterfall that a link leads to.
  const [isOpen, setOpen] = useState(!sheetQuery.matches)
  const arriving = isArriving(trace.summary, useNow(2000))
  const { calls, offsets } = useMemo(() => {
    const calls = callsOf(trace.spans)
    return { calls, offsets: clockOffsets(calls) }
  }, [trace])
  const missing = trace.findings.filter(({ code }) => code === 'incomplete')
  const problems = trace.findings.filter(({ code }) => code !== 'incomplete' && code !== 'no-spans')
  const { summary } = trace
  const shifts = useMemo(
    () => (isAligned ? shiftsOf(summary.rootService, offsets) : new Map<string, number>()),
    [isAligned, offsets, summary.rootService],
  )
  const splits = useMemo(() => {
    const callOf = new Map(calls.map((call) => [call.client.spanId, call]))
    return new Map(
      trace.spans.flatMap((span) => {
        const call = callOf.get(span.spanId)
        const answeredBy = call && answererOf(call, calls)
        const split = splitFetch(span, call?.server, call && serverAt(call, offsets, shifts), answeredBy)
        return split ? [[span.spanId, split] as const] : []
      }),
    )
  }, [trace, calls, offsets, shifts])
  const chosen = trace.spans.find((span) => span.spanId === chosenId)
  const details = isOpen ? chosen : undefined
  const choose = (spanId: string, open = !sheetQuery.matches) => {
    replaceParameters({ span: spanId })
    setOpen(open)
  }
  const show = (spanId: string, open?: boolean) => {
    choose(spanId, open)
    // After React has drawn the details, which may cover the row.
    requestAnimationFrame(() => revealRow(spanId))
  }
  const close = () => replaceParameters({ span: null })
  useShortcuts({ a: () => setAligned(!isAligned), Escape: close })

  return (
    <main className="page">
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
          <CopyButton text={trace.traceId} label="Copy trace id" showsLabel />
          <a className="button" href={`/api/traces/${trace.traceId}`} download={`trace-${trace.traceId}.json`}>
            <svg viewBox="0 0 24 24" aria-hidden="true">
              <path d="M12 4v11m-5-5 5 5 5-5M5 20h14" />
            </svg>
            <span className="button-text">Download JSON</span>
          </a>
        </div>
      </div>
      {trace.spans.length > 0 && <TraceFigures summary={summary} />}
      <Relations name="Caused by" relations={trace.causedBy} />
      <Relations name="Caused" relations={trace.caused} />
      {missing.length > 0 && (
        <div className="notice" role="status">
          <b>{arriving ? 'Still arriving.' : 'This trace is incomplete.'}</b>{' '}
          {arriving ? 'Spans are sent in batches, a few seconds apart.' : missing.map(({ words }) => words).join(' ')}
        </div>
      )}
      {problems.length > 0 && (
        <ul className="notice is-bad">
          {problems.map(({ words }) => (
            <li key={words}>{words}</li>
          ))}
        </ul>
      )}
      <Clock offsets={offsets} isAligned={isAligned} onAlign={setAligned} />
      <SignalsNav trace={trace} />
      <div className={details ? 'trace-body has-details' : 'trace-body'}>
        <div className="trace-signals">
          {trace.spans.length > 0 ? (
            <Waterfall
              trace={trace}
              splits={splits}
              shifts={shifts}
              chosenId={chosen?.spanId ?? null}
              detailsOpen={details !== undefined}
              onChoose={(spanId) => show(spanId, true)}
            />
          ) : (
            <SignalSection id="spans" name="Spans" count={0}>
              <SignalEmpty trace={trace} vendor="honeycomb">
                {arriving
                  ? 'No span has arrived yet. Spans are sent in batches, a few seconds apart.'
                  : 'No span of this trace has arrived. The sampler may have left it out, or the exporter cannot reach the observatory at OTEL_EXPORTER_OTLP_ENDPOINT.'}
              </SignalEmpty>
            </SignalSection>
          )}
          <SegmentList trace={trace} chosenId={chosenId} onPick={choose} onShow={show} />
          <ItemList trace={trace} onShow={show} />
          <LogList trace={trace} chosenId={chosenId} onShow={show} />
        </div>
        {details && (
          <SpanDetails
            key={details.spanId}
            span={details}
            trace={trace}
            split={splits.get(details.spanId)}
            traceStartMs={summary.startMs}
            onLeave={() => setOpen(!sheetQuery.matches)}
            onClose={close}
          />
        )}
      </div>
    </main>
  )
}

type ClockProps = { offsets: readonly ClockOffset[]; isAligned: boolean; onAlign: (isAligned: boolean) => void }

const Clock = ({ offsets, isAligned, onAlign }: ClockProps) => {
  const apart = offsets.find((one) => !clocksAgree(one))
  const clock = apart ?? offsets[0]
  if (!clock) return null
  return (
    <div className={apart && !isAligned ? 'clock is-apart' : 'clock'}>
      <p>
        <b>Clock offset {offset(clock.offsetMs)}</b> <span>± {offset(clock.errorMs).slice(1)}</span>{' '}
        {!apart ? (
          <span className="clock-agrees">
            The clocks of {clock.to} and {clock.from} agree.
          </span>
        ) : isAligned ? (
          <mark>
            Aligned: the bars of {clock.to} are moved by {offset(-clock.offsetMs)}.
          </mark>
        ) : (
          <span>
            The clock of {clock.to} is {clock.offsetMs > 0 ? 'ahead of' : 'behind'} the clock of {clock.from}. The bars
            of {clock.to} show its own clock.
          </span>
        )}
      </p>
      {apart && (
        <label className="switch">
          <input
            type="checkbox"
            role="switch"
            aria-checked={isAligned}
            checked={isAligned}
            onChange={(event) => onAlign(event.currentTarget.checked)}
          />
          <span className="switch-track" aria-hidden="true" />
          Align clocks
        </label>
      )}
    </div>
  )
}
