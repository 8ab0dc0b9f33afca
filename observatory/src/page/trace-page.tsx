import { useEffect, useMemo, useState } from 'react'
import { callsOf, clockOffsets, clocksAgree, serverAt, shiftsOf } from '../trace/clock.ts'
import { splitFetch } from '../trace/network.ts'
import { type Place, type Trace, untraced } from '../trace/span.ts'
import { isArriving } from '../trace/summary.ts'
import { go, replaceParameters, useAddress } from './address.ts'
import { BackLink } from './back-link.tsx'
import { CopyButton } from './copy-button.tsx'
import { dateTime, offset } from './format.ts'
import { ItemList } from './item-list.tsx'
import { LogList } from './log-list.tsx'
import { SegmentList } from './segment-list.tsx'
import { SignalEmpty, SignalSection, TurnedAway } from './signal-section.tsx'
import { SignalsNav } from './signals-nav.tsx'
import { SpanDetails } from './span-details.tsx'
import { TraceFigures } from './trace-figures.tsx'
import { TraceRelations } from './trace-relations.tsx'
import { useLiveJson } from './use-live-json.ts'
import { useNow } from './use-now.ts'
import { sheetQuery } from './use-row-window.ts'
import { useShortcuts } from './use-shortcuts.ts'
import { Waterfall } from './waterfall.tsx'

export const TracePage = ({ traceId }: { traceId: string }) => {
  const loaded = useLiveJson<Trace & Place>(`/api/traces/${encodeURIComponent(traceId)}`, traceId)
  useShortcuts({ u: () => go('/') })

  useEffect(() => {
    const name = traceId === untraced ? apartTitle : loaded.state === 'here' ? loaded.body.summary.rootName : 'Trace'
    document.title = `${name} · Observatory`
  }, [loaded, traceId])

  if (loaded.state === 'here') {
    return traceId === untraced ? <Apart trace={loaded.body} /> : <TraceView trace={loaded.body} />
  }
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

const apartTitle = 'Without a trace'

const Apart = ({ trace }: { trace: Trace }) => (
  <main className="page is-trace">
    <BackLink />
    <h1>{apartTitle}</h1>
    <p className="apart-words">
      What was said outside of any request, or by something that has no trace: it is joined with nothing.
    </p>
    {trace.items.length > 0 && <ItemList trace={trace} onShow={() => {}} />}
    {trace.logs.length > 0 && <LogList trace={trace} chosenId={null} onShow={() => {}} />}
  </main>
)

const TraceView = ({ trace }: { trace: Trace & Place }) => {
  const chosenId = useAddress().searchParams.get('span')
  const [aligned, setAligned] = useRemembered('align')
  // A sheet would cover the waterfall that a link leads to: there it waits until somebody asks for it.
  const [opened, setOpened] = useState(!sheetQuery.matches)
  const [wish, setWish] = useState(1)
  const arriving = isArriving(trace.summary, useNow(2000))
  const { calls, offsets } = useMemo(() => {
    const calls = callsOf(trace.spans)
    return { calls, offsets: clockOffsets(calls) }
  }, [trace])
  const missing = trace.findings.filter(({ code }) => code === 'incomplete')
  const others = trace.findings.filter(({ code }) => code !== 'incomplete' && code !== 'no-spans')
  const { summary } = trace
  const shifts = useMemo(
    () => (aligned ? shiftsOf(summary.rootService, offsets) : new Map<string, number>()),
    [aligned, offsets, summary.rootService],
  )
  const splits = useMemo(() => {
    const callOf = new Map(calls.map((call) => [call.client.spanId, call]))
    return new Map(
      trace.spans.flatMap((span) => {
        const call = callOf.get(span.spanId)
        const split = splitFetch(span, call?.server, call && serverAt(call, offsets, shifts))
        return split ? [[span.spanId, split] as const] : []
      }),
    )
  }, [trace, calls, offsets, shifts])
  const chosen = trace.spans.find((span) => span.spanId === chosenId)
  const details = opened ? chosen : undefined
  const choose = (spanId: string, open: boolean) => {
    replaceParameters({ span: spanId })
    setOpened(open)
  }
  const show = (spanId: string, open = !sheetQuery.matches) => {
    choose(spanId, open)
    setWish(wish + 1)
  }
  const pick = (spanId: string) => choose(spanId, !sheetQuery.matches)
  const close = () => replaceParameters({ span: null })
  const apart = offsets.find((offset) => !clocksAgree(offset))
  const clock = apart ?? offsets[0]
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
      {trace.spans.length > 0 && <TraceFigures summary={summary} />}
      {trace.causedBy.length + trace.caused.length > 0 && <TraceRelations {...trace} />}
      {missing.length > 0 && (
        <div className="notice" role="status">
          <b>{arriving ? 'Still arriving.' : 'This trace is incomplete.'}</b>{' '}
          {arriving
            ? 'Each side sends its spans in batches, some seconds apart.'
            : missing.map(({ words }) => words).join(' ')}
        </div>
      )}
      {others.length > 0 && (
        <ul className="notice is-bad">
          {others.map(({ words }) => (
            <li key={words}>{words}</li>
          ))}
        </ul>
      )}
      {clock && (
        <div className={apart && !aligned ? 'clock is-apart' : 'clock'}>
          <p>
            <b>Clock offset {offset(clock.offsetMs)}</b> <span>± {offset(clock.errorMs).slice(1)}</span>{' '}
            {!apart ? (
              <span className="clock-words">
                {clock.to} and {clock.from} agree as far as can be told.
              </span>
            ) : aligned ? (
              <mark>
                Aligned: the bars of {clock.to} are moved by {offset(-clock.offsetMs)}.
              </mark>
            ) : (
              <span>
                {clock.to} runs {clock.offsetMs > 0 ? 'ahead of' : 'behind'} {clock.from}: its bars lie where its own
                clock put them.
              </span>
            )}
          </p>
          {apart && (
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
          )}
        </div>
      )}
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
              wish={wish}
              onChoose={(spanId) => show(spanId, true)}
            />
          ) : (
            <SignalSection id="spans" name="Spans" count={0}>
              <SignalEmpty>
                {arriving
                  ? 'No span has arrived yet: they are sent in batches, some seconds apart.'
                  : 'No span of this trace has arrived. OpenTelemetry’s sampler may have left it out, or its exporter cannot reach the observatory: OTEL_EXPORTER_OTLP_ENDPOINT says where to.'}
                <TurnedAway trace={trace} vendor="honeycomb" />
              </SignalEmpty>
            </SignalSection>
          )}
          <SegmentList trace={trace} chosenId={chosenId} onPick={pick} onShow={(spanId) => show(spanId)} />
          <ItemList trace={trace} onShow={(spanId) => show(spanId)} />
          <LogList trace={trace} chosenId={chosenId} onShow={(spanId) => show(spanId)} />
        </div>
        {details && (
          <SpanDetails
            key={details.spanId}
            span={details}
            trace={trace}
            split={splits.get(details.spanId)}
            traceStartMs={summary.startMs}
            onLeave={() => setOpened(!sheetQuery.matches)}
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
