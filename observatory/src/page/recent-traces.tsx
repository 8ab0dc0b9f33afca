import { type MouseEvent, useEffect, useRef, useState } from 'react'
import type { TraceList } from '../trace/span.ts'
import { replaceParameters, useAddress } from './address.ts'
import { count } from './format.ts'
import { useLiveJson } from './live.ts'
import { OpenFile } from './open-file.tsx'
import { TraceLine } from './trace-line.tsx'
import { useNow } from './use-now.ts'
import { useShortcuts } from './use-shortcuts.ts'
import { WindowStatus } from './window-status.tsx'

const filters = ['q', 'service', 'min_duration_ms', 'errors'] as const
const pageSize = 100

export const RecentTraces = () => {
  const { searchParams } = useAddress()
  const [limit, setLimit] = useState(pageSize)
  const [problem, setProblem] = useState('')
  const query = new URLSearchParams({ limit: String(limit) })
  for (const name of filters) query.set(name, searchParams.get(name) ?? '')
  const filtered = filters.some((name) => searchParams.get(name))
  const loaded = useLiveJson<TraceList>(`/api/traces?${query}`, null)
  const list = useRef<HTMLOListElement>(null)
  const search = useRef<HTMLInputElement>(null)
  const now = useNow(5000)

  useEffect(() => {
    document.title = 'Recent traces · Observatory'
  }, [])

  const move = (by: number) => {
    const links = [...(list.current?.querySelectorAll('a') ?? [])]
    const at = links.indexOf(document.activeElement as HTMLAnchorElement)
    const next = links[Math.min(Math.max(at + by, 0), links.length - 1)]
    next?.focus()
    next?.scrollIntoView({ block: 'nearest' })
  }
  const next = () => move(1)
  const previous = () => move(-1)
  useShortcuts({
    j: next,
    k: previous,
    ArrowDown: next,
    ArrowUp: previous,
    '/': () => search.current?.focus(),
  })

  const body = loaded.state === 'here' ? loaded.body : null
  const scale = scaleOf(body?.traces.map((trace) => trace.durationMs) ?? [])

  return (
    <main className="page">
      <div className="page-head">
        <h1>Recent traces</h1>
        <div className="actions">
          <OpenFile onProblem={setProblem} />
          {body && body.status.window.traces + body.status.window.untraced > 0 && <ClearButton />}
        </div>
      </div>
      {problem && (
        <p className="notice is-bad" role="alert">
          {problem}
        </p>
      )}
      <search className="filters">
        <input
          ref={search}
          type="search"
          aria-label="Search"
          placeholder="Name, trace id, attribute, or http.route=/api"
          defaultValue={searchParams.get('q') ?? ''}
          onChange={(event) => replaceParameters({ q: event.currentTarget.value })}
          onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
          autoComplete="off"
          spellCheck={false}
        />
        <select
          aria-label="Service"
          value={searchParams.get('service') ?? ''}
          onChange={(event) => replaceParameters({ service: event.currentTarget.value })}
        >
          <option value="">All services</option>
          {[...new Set([...(body?.services ?? []), searchParams.get('service') ?? ''])]
            .filter(Boolean)
            .map((service) => (
              <option key={service}>{service}</option>
            ))}
        </select>
        <select
          aria-label="Minimum duration"
          value={searchParams.get('min_duration_ms') ?? ''}
          onChange={(event) => replaceParameters({ min_duration_ms: event.currentTarget.value })}
        >
          <option value="">Any duration</option>
          {[10, 50, 100, 500, 1000, 5000].map((ms) => (
            <option key={ms} value={ms}>
              {ms < 1000 ? `${ms} ms` : `${ms / 1000} s`} or more
            </option>
          ))}
        </select>
        <label className="check">
          <input
            type="checkbox"
            checked={searchParams.get('errors') === 'true'}
            onChange={(event) => replaceParameters({ errors: event.currentTarget.checked ? 'true' : null })}
          />
          Errors only
        </label>
      </search>
      {body && <WindowStatus status={body.status} matching={filtered ? body.matching : null} />}
      {loaded.state === 'failed' && <p className="notice is-bad">{loaded.why}</p>}
      {body && body.traces.length === 0 && (filtered ? <NothingFound /> : <NothingYet />)}
      {body && body.traces.length > 0 && (
        <ol className="traces" ref={list}>
          {body.traces.map((trace) => (
            <TraceLine key={trace.traceId} trace={trace} scaleMs={scale} now={now} />
          ))}
        </ol>
      )}
      {body && body.matching > body.traces.length && limit < 500 && (
        <button type="button" className="button is-wide" onClick={() => setLimit(Math.min(500, limit + pageSize))}>
          Show more: {count(body.matching - body.traces.length, 'older trace')}
        </button>
      )}
    </main>
  )
}

/** The length of the longest bar: the longest tenth of the traces is cut, so that the others stay visible. */
const scaleOf = (durations: number[]): number => {
  const sorted = durations.toSorted((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.9) - 1] || 1
}

/** Clearing cannot be undone, so it takes a second press. Leaving the button cancels. */
const ClearButton = () => {
  const [isAsking, setAsking] = useState(false)
  const press = ({ detail: clicks }: MouseEvent) => {
    if (clicks > 1) return
    if (isAsking) void fetch('/api/traces', { method: 'DELETE' })
    setAsking(!isAsking)
  }
  return (
    <button
      type="button"
      className={isAsking ? 'button is-bad' : 'button'}
      aria-live="polite"
      onClick={press}
      onBlur={() => setAsking(false)}
      onKeyDown={(event) => event.key === 'Escape' && setAsking(false)}
    >
      {isAsking ? 'Really clear?' : 'Clear'}
    </button>
  )
}

const NothingYet = () => (
  <section className="empty">
    <svg className="empty-mark" viewBox="0 0 160 72" aria-hidden="true">
      <rect className="mark-browser" x="0" y="4" width="150" height="10" rx="5" />
      <rect className="mark-network" x="12" y="22" width="126" height="10" rx="5" />
      <rect className="mark-server" x="40" y="40" width="76" height="10" rx="5" />
      <rect className="mark-sql" x="64" y="58" width="30" height="10" rx="5" />
    </svg>
    <h2>No traces yet</h2>
    <p>Use your application. Its traces appear here a moment later.</p>
    <p>
      It must speak OTLP over HTTP: <code>OTEL_EXPORTER_OTLP_ENDPOINT={location.origin}</code> and{' '}
      <code>OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf</code>.
    </p>
  </section>
)

const NothingFound = () => (
  <section className="empty">
    <h2>No matching traces</h2>
    <p>Every word must occur in the trace. Try fewer words.</p>
    <button
      type="button"
      className="button"
      onClick={() => {
        for (const input of document.querySelectorAll<HTMLInputElement>('input[type=search]')) input.value = ''
        replaceParameters(Object.fromEntries(filters.map((name) => [name, null])))
      }}
    >
      Show all traces
    </button>
  </section>
)
