import { isTraceKept } from '../telemetry/index.ts'
import { Reference } from '../ui/reference.tsx'
import type { PastAction } from './action-history.ts'
import { milliseconds, splitOf, wordsOf } from './action-words.ts'
import { useActions, useTraceUrl } from './actions.tsx'

export const ActionList = ({ most }: { most?: number }) => {
  const { list: all } = useActions()
  const list = all.slice(0, most)
  const urlOf = useTraceUrl()
  if (list.length === 0) {
    return (
      <div className="actions">
        <p className="hint">Your next click appears here, with its time and a link to its trace.</p>
        {[90, 60, 75].map((width) => (
          <svg key={width} className="action-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
            <rect className="action-bar-page" width={width} height="4" rx="1" />
          </svg>
        ))}
      </div>
    )
  }
  const longestMs = Math.max(...list.map(({ durationMs }) => durationMs))
  return (
    <>
      <ol className="actions">
        {list.map((action) => (
          <li key={action.spanId} className="action" data-failed={action.failed || undefined}>
            <ActionLine action={action} url={urlOf(action)} />
            <ActionBar action={action} longestMs={longestMs} />
          </li>
        ))}
      </ol>
      <p className="actions-legend" aria-hidden="true">
        <i /> server <i className="legend-network" /> network <i className="legend-page" /> page
      </p>
    </>
  )
}

const ActionLine = ({ action, url }: { action: PastAction; url: string | null }) => {
  const words = (
    <>
      <span className="action-words">{wordsOf(action)}</span>
      <span className="action-time">{milliseconds(action.durationMs)}</span>
    </>
  )
  if (!url) {
    return (
      <>
        <p className="action-line">{words}</p>
        {isTraceKept(action.traceId) && <Reference traceId={action.traceId} />}
      </>
    )
  }
  return (
    <a className="action-line" href={url} target="_blank" rel="noopener" title={splitOf(action) ?? undefined}>
      {words}
      <span className="visually-hidden"> See the trace, in a new tab</span>
    </a>
  )
}

const ActionBar = ({ action, longestMs }: { action: PastAction; longestMs: number }) => {
  const unit = 100 / longestMs
  const wholeWidth = action.durationMs * unit
  const server = (action.times?.serverMs ?? 0) * unit
  const network = (action.times?.networkMs ?? 0) * unit
  return (
    <svg className="action-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      <rect className="action-bar-page" width={wholeWidth} height="4" />
      <rect className="action-bar-network" width={server + network} height="4" />
      <rect className="action-bar-server" width={server} height="4" />
    </svg>
  )
}
