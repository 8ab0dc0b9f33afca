import { startVendorDoubles } from '@cruddur/vendor-doubles'
import type { VendorRequest } from '@cruddur/vendor-doubles/protocol'
import type { Segment } from '@cruddur/vendor-doubles/xray'
import { eventually } from './eventually.ts'
import type { CollectedItem } from './item-collector.ts'

/** A segment or a subsegment, inside another one or by itself. */
type XrayNode = {
  traceId: string
  id: string
  parentId: string | null
  startMs: number
  endMs: number
  rule: string | undefined
  document: Segment
}
type CollectedLine = { [field: string]: unknown; message: string; trace_id?: string; path?: string }

export type FourVendors = Awaited<ReturnType<typeof startFourVendors>>

const everythingRule = { RuleName: 'Everything', FixedRate: 1, ReservoirSize: 0 }

/** Honeycomb, X-Ray, Rollbar and CloudWatch, each on a free port. */
export const startFourVendors = async () => {
  const vendors = await startVendorDoubles({
    rollbar: { token: 'a-token-of-the-server' },
    xray: { rules: [everythingRule] },
  })
  const { honeycomb, xray, rollbar, cloudwatch } = vendors
  const env: Record<string, string> = { ...vendors.env, OTEL_LOGS_EXPORTER: 'otlp', OTEL_METRICS_EXPORTER: 'otlp' }
  const posted = (path: string): string =>
    honeycomb.requests
      .filter((one) => one.path === path)
      .map(draw)
      .join('\n')
  return {
    ...vendors,
    env,
    items: rollbar.items as unknown as readonly CollectedItem[],
    nodes: (): XrayNode[] => xray.segments.flatMap((segment) => nodesOf(segment, segment.trace_id, null)),
    lines: (): CollectedLine[] => cloudwatch.lines.map(({ message }) => JSON.parse(message)),
    /** All that arrived anywhere, as text. */
    everything: () => ({
      spans: posted('/v1/traces'),
      records: posted('/v1/logs'),
      metrics: posted('/v1/metrics'),
      segments: [...xray.datagrams.map(String), ...xray.requests.map(draw)].join('\n'),
      // Without their headers, which must contain our own token.
      items: rollbar.requests.map(({ body }) => String(body)).join('\n'),
      lines: cloudwatch.requests.map(draw).join('\n'),
    }),
  }
}

const draw = ({ path, headers, body }: VendorRequest): string => `${path} ${JSON.stringify(headers)}\n${body}`

const nodesOf = (document: Segment, traceId: string, parent: string | null): XrayNode[] => {
  const { aws } = document as { aws?: { xray?: { rule_name?: string } } }
  const node = {
    traceId,
    id: document.id,
    parentId: parent ?? (document.parent_id || null),
    startMs: document.start_time * 1_000,
    endMs: Number(document.end_time) * 1_000,
    rule: aws?.xray?.rule_name,
    document,
  }
  return [node, ...(document.subsegments ?? []).flatMap((inner) => nodesOf(inner, traceId, node.id))]
}

/** Until the backend has fetched this rule, its own rule lets only some requests pass. */
export const untilAllIsSampled = async ({ nodes }: FourVendors, backendUrl: string): Promise<void> => {
  await eventually(async () => {
    await (await fetch(`${backendUrl}/api/activities/home`)).arrayBuffer()
    return nodes().some(({ rule }) => rule === everythingRule.RuleName)
  })
}
