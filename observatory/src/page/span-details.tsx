import { type ReactNode, useEffect, useRef } from 'react'
import type { FetchSplit } from '../trace/network.ts'
import type { Span, Trace } from '../trace/span.ts'
import { withoutMargin } from '../trace/sql-text.ts'
import { follow } from './address.ts'
import { AttributeTable } from './attribute-table.tsx'
import { colourOf, splitColoursFor } from './colours.ts'
import { CopyButton } from './copy-button.tsx'
import { count, duration, eventTitle } from './format.ts'
import { SpanElsewhere } from './jumps.tsx'
import { SplitParts } from './waterfall-row.tsx'

type Props = {
  span: Span
  trace: Trace
  split: FetchSplit | undefined
  traceStartMs: number
  onLeave: () => void
  onClose: () => void
}

export const SpanDetails = ({ span, trace, split, traceStartMs, onLeave, onClose }: Props) => {
  const { 'db.query.text': query, 'db.statement': statement, ...rest } = span.attributes
  const sql = query ?? statement
  const panel = useRef<HTMLElement>(null)
  useEffect(() => {
    panel.current?.scrollTo(0, 0)
  }, [])

  return (
    <aside className="details" aria-label={`Details of ${span.name}`} ref={panel}>
      <header>
        <div>
          <h2>{span.name || '(no name)'}</h2>
          <p className="details-facts">
            <span className="service">
              <span className="dot" data-colour={colourOf(span)} aria-hidden="true" />
              {span.service}
            </span>
            <span>{span.kind}</span>
            <span>{duration(span.durationMs)}</span>
            <span>at {duration(span.startMs - traceStartMs)}</span>
          </p>
        </div>
        <button type="button" className="icon-button" aria-label="Close details" onClick={onClose}>
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="m6 6 12 12M18 6 6 18" />
          </svg>
        </button>
      </header>
      {span.status.code === 'error' && (
        <p className="notice is-bad">
          <b>Error.</b> {span.status.message || 'There is no message.'}
        </p>
      )}
      <SpanElsewhere trace={trace} spanId={span.spanId} onLeave={onLeave} />
      {split && <NetworkSplit span={span} split={split} />}
      {typeof sql === 'string' && (
        <section>
          <h3>
            Statement <CopyButton text={sql} label="Copy the statement" />
          </h3>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by key */}
          <pre className="sql" tabIndex={0}>
            <code>{withoutMargin(sql)}</code>
          </pre>
        </section>
      )}
      <Section title={count(Object.keys(rest).length, typeof sql === 'string' ? 'other attribute' : 'attribute')}>
        <AttributeTable attributes={rest} />
      </Section>
      {span.events.length > 0 && (
        <Section title={count(span.events.length, 'event')}>
          <ol className="events">
            {span.events.map((event, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: events have no id and never move
              <li key={at}>
                <p className="event-head">
                  <b>{eventTitle(event)}</b> <time>{duration(event.timeMs - span.startMs)} in</time>
                </p>
                <AttributeTable attributes={event.attributes} />
              </li>
            ))}
          </ol>
        </Section>
      )}
      {span.links.length > 0 && (
        <Section title={count(span.links.length, 'link')}>
          <ul className="events">
            {span.links.map((link) => (
              <li key={link.traceId + link.spanId}>
                <a href={`/traces/${link.traceId}?span=${link.spanId}`} onClick={follow}>
                  <code>{link.traceId}</code>
                </a>
                <AttributeTable attributes={link.attributes} />
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section title="Ids">
        <AttributeTable
          attributes={{ 'trace id': span.traceId, 'span id': span.spanId, 'parent span id': span.parentSpanId ?? '—' }}
        />
      </Section>
      <details>
        <summary>Resource and scope</summary>
        <AttributeTable
          attributes={{ ...span.resource, scope: [span.scope.name, span.scope.version].join(' ').trim() }}
        />
      </details>
    </aside>
  )
}

const Section = ({ title, children }: { title: string; children: ReactNode }) => (
  <section>
    <h3>{title}</h3>
    {children}
  </section>
)

const NetworkSplit = ({ span, split }: { span: Span; split: FetchSplit }) => {
  const figures: [string, number | null, string][] = [
    ['Before the request was sent', split.beforeMs, 'is-page'],
    ['Network', split.networkMs, 'is-network'],
    ['of which connecting', split.connectMs, ''],
    ['of which downloading', split.downloadMs, ''],
    ['Server', split.serverMs, 'is-server'],
    ['The whole request', split.totalMs, 'is-sum'],
  ]
  return (
    <Section title="Where the time went">
      <div className="bar is-split is-large" aria-hidden="true" style={splitColoursFor(span, split)}>
        <SplitParts split={split} />
      </div>
      <dl className="shares" style={splitColoursFor(span, split)}>
        {figures.map(
          ([name, ms, key]) =>
            ms !== null && (
              <div key={name} className={key === 'is-sum' ? 'is-sum' : ''}>
                <dt>
                  <span className={`key ${key}`} aria-hidden="true" />
                  {name}
                </dt>
                <dd>{duration(ms)}</dd>
              </div>
            ),
        )}
      </dl>
    </Section>
  )
}
