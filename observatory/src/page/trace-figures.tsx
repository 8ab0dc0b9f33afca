import type { Relation, TraceSummary } from '../trace/span.ts'
import { follow } from './address.ts'
import { colourOfService, splitColoursOf } from './colours.ts'
import { count, duration } from './format.ts'

export const TraceFigures = ({ summary }: { summary: TraceSummary }) => {
  const { pageMs, networkMs, serverMs, sqlMs, requestCount, sqlCount, errorCount } = summary
  return (
    <dl className="figures" style={splitColoursOf(summary)}>
      <Figure name="Total" ms={summary.durationMs} />
      <Figure name={summary.pages.includes(summary.rootService) ? 'Page' : 'Client'} colour="is-page" ms={pageMs} />
      <Figure
        name="Network"
        colour="is-network"
        ms={networkMs}
        note={requestCount > 1 && `of ${requestCount} requests`}
      />
      <Figure name="Server" colour="is-server" ms={serverMs} />
      <Figure
        name={serverMs === null ? 'SQL' : 'of which SQL'}
        colour="is-sql"
        ms={sqlMs}
        note={count(sqlCount, 'statement')}
      />
      <div>
        <dt>Spans</dt>
        <dd>
          {summary.spanCount.toLocaleString('en-GB')}
          {errorCount > 0 && <small className="is-bad"> {count(errorCount, 'error')}</small>}
        </dd>
      </div>
      <div className="figure-services">
        <dt>Services</dt>
        <dd>
          {summary.services.map((service) => (
            <span key={service} className="service">
              <span className="dot" data-colour={colourOfService(service, summary)} aria-hidden="true" />
              {service}
            </span>
          ))}
        </dd>
      </div>
    </dl>
  )
}

type FigureProps = { name: string; colour?: string; ms: number | null; note?: string | false }

const Figure = ({ name, colour, ms, note }: FigureProps) =>
  ms !== null && (
    <div>
      <dt>
        {colour && <span className={`key ${colour}`} aria-hidden="true" />}
        {name}
      </dt>
      <dd>
        {duration(ms)}
        {note && <small> {note}</small>}
      </dd>
    </div>
  )

const maxLinks = 8

/** The span links of a trace, in one direction. */
export const Relations = ({ name, relations }: { name: string; relations: readonly Relation[] }) =>
  relations.length > 0 && (
    <p className="relations">
      <b>{name}</b>
      {relations.slice(0, maxLinks).map(({ traceId, spanId, name }) => (
        <a key={traceId} href={`/traces/${traceId}?span=${spanId}`} onClick={follow}>
          {name ?? <code>{traceId.slice(0, 8)}…</code>}
        </a>
      ))}
      {relations.length > maxLinks && <span>and {count(relations.length - maxLinks, 'more trace')}</span>}
    </p>
  )
