import type { TraceSummary } from '../trace/span.ts'
import { colourOfService } from './colours.ts'
import { count, duration } from './format.ts'

export const TraceFigures = ({ summary }: { summary: TraceSummary }) => (
  <dl className="figures">
    <div>
      <dt>Total</dt>
      <dd>{duration(summary.durationMs)}</dd>
    </div>
    {summary.pageMs !== null && (
      <div>
        <dt>
          <span className="key is-page" aria-hidden="true" />
          Page
        </dt>
        <dd>{duration(summary.pageMs)}</dd>
      </div>
    )}
    {summary.networkMs !== null && (
      <div>
        <dt>
          <span className="key is-network" aria-hidden="true" />
          Network
        </dt>
        <dd>
          {duration(summary.networkMs)}
          {summary.requestCount > 1 && <small> of {summary.requestCount} requests</small>}
        </dd>
      </div>
    )}
    {summary.serverMs !== null && (
      <div>
        <dt>
          <span className="key is-server" aria-hidden="true" />
          Server
        </dt>
        <dd>{duration(summary.serverMs)}</dd>
      </div>
    )}
    {summary.sqlMs !== null && (
      <div>
        <dt>
          <span className="key is-sql" aria-hidden="true" />
          {summary.serverMs === null ? 'SQL' : 'of which SQL'}
        </dt>
        <dd>
          {duration(summary.sqlMs)} <small>{count(summary.sqlCount, 'statement')}</small>
        </dd>
      </div>
    )}
    <div>
      <dt>Spans</dt>
      <dd>
        {summary.spanCount.toLocaleString('en-GB')}
        {summary.errorCount > 0 && <small className="is-bad"> {count(summary.errorCount, 'error')}</small>}
      </dd>
    </div>
    <div className="figure-services">
      <dt>Services</dt>
      <dd>
        {summary.services.map((service) => (
          <span key={service} className="service">
            <span className="dot" data-colour={colourOfService(service)} aria-hidden="true" />
            {service}
          </span>
        ))}
      </dd>
    </div>
  </dl>
)
