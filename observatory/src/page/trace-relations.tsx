import type { Relation } from '../trace/span.ts'
import { follow } from './address.ts'
import { count } from './format.ts'

const most = 8

const Related = ({ words, relations }: { words: string; relations: readonly Relation[] }) => {
  if (relations.length === 0) return null
  const rest = relations.length - most
  return (
    <p>
      <b>{words}</b>
      {relations.slice(0, most).map(({ traceId, spanId, name }) => (
        <a key={traceId} href={`/traces/${traceId}?span=${spanId}`} onClick={follow}>
          {name ?? <code>{traceId.slice(0, 8)}…</code>}
        </a>
      ))}
      {rest > 0 && <span>and {count(rest, 'more trace')}</span>}
    </p>
  )
}

/** The span links of a trace, in both directions. */
export const TraceRelations = ({ causedBy, caused }: { causedBy: Relation[]; caused: Relation[] }) => (
  <div className="relations">
    <Related words="Caused by" relations={causedBy} />
    <Related words="Caused" relations={caused} />
  </div>
)
