import { problemsOf } from '@cruddur/expect-trace'
import type { CollectedSpan } from './collector.ts'

/** A click without requests is a trace only if it was slow, as on a busy machine. */
export const isOnlySlow = ({ spanId, attributes }: CollectedSpan, spans: readonly CollectedSpan[]): boolean =>
  'app.interaction.processing_ms' in attributes && !spans.some(({ parentSpanId }) => parentSpanId === spanId)

/** The faults in the trace of a click. */
export const faultsOf = (spans: CollectedSpan[]): string[] => {
  const children = (parent: CollectedSpan): CollectedSpan[] =>
    spans.filter((span) => span.parentSpanId === parent.spanId)
  const fetches = spans.filter((span) => span.service === 'cruddur-frontend' && span.kind === 'client')
  const faults = problemsOf(spans)
  if (fetches.length === 0) faults.push('no fetch')
  for (const fetch of fetches) {
    const hops = children(fetch)
    // The page's own server may be in between.
    const servers = hops.length === 1 && hops[0]?.service === 'cruddur-frontend-server' ? hops.flatMap(children) : hops
    if (servers.length !== 1 || servers[0]?.kind !== 'server')
      faults.push(`${fetch.name} does not have exactly one server span`)
    const services = servers.flatMap(children)
    if (!services.some((span) => span.kind === 'internal')) faults.push(`${fetch.name} has no service span`)
    if (!services.flatMap(children).some((span) => span.attributes['db.query.text']))
      faults.push(`${fetch.name} has no SQL`)
  }
  return faults
}

export const tracesOf = (spans: readonly CollectedSpan[]): Map<string, CollectedSpan[]> =>
  Map.groupBy(spans, (span) => span.traceId)
