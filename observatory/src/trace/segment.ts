/** A segment, or a subsegment whose parent has not arrived, as it was sent. */
export type Segment = {
  id: string
  name: string
  /** `1-8hex-24hex`; only outermost segments have one. */
  trace_id?: string
  parent_id?: string
  type?: string
  start_time: number
  end_time?: number
  in_progress?: boolean
  namespace?: string
  error?: boolean
  throttle?: boolean
  fault?: boolean
  cause?: string | { exceptions?: SegmentException[] }
  http?: { request?: { method?: string; url?: string }; response?: { status?: number } }
  sql?: { sanitized_query?: string; url?: string; database_type?: string }
  annotations?: Record<string, string | number | boolean>
  metadata?: Record<string, unknown>
  subsegments?: Segment[]
  [field: string]: unknown
}
type SegmentException = {
  id?: string
  message?: string
  type?: string
  stack?: { path?: string; line?: number; label?: string }[]
}

/** X-Ray writes the same trace id in its own form. */
export const toXrayTraceId = (traceId: string): string => `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`
export const fromXrayTraceId = (id: string): string => id.slice(2).replace('-', '').toLowerCase()
export const isXrayTraceId = (id: string): boolean => /^1-[0-9a-f]{8}-[0-9a-f]{24}$/i.test(id)

/** Puts every subsegment into its parent, whether it arrived inside or alone, in any order. */
export const mergeSegments = (documents: readonly Segment[]): Segment[] => {
  const nodes = new Map<string, Segment>()
  const owners = new Map<string, Segment>()
  const attach = (node: Segment, owner: Segment): void => {
    owner.subsegments?.push(node)
    owners.set(node.id, owner)
  }
  const enter = (document: Segment): Segment => {
    const node: Segment = { ...document, subsegments: [] }
    nodes.set(node.id, node)
    for (const child of document.subsegments ?? []) attach(enter(child), node)
    return node
  }
  const outermost = documents.filter(({ type }) => type !== 'subsegment').map(enter)
  const sentAlone = documents
    .filter(({ type }) => type === 'subsegment')
    .map((document) => {
      // A document that arrived alone is newer than the copy in its segment.
      const copy = nodes.get(document.id)
      const owner = owners.get(document.id)
      const node = enter(document)
      if (copy && owner) {
        owner.subsegments?.splice(owner.subsegments.indexOf(copy), 1)
        for (const child of copy.subsegments ?? []) attach(child, node)
      }
      return node
    })
  for (const node of sentAlone) {
    const parent = nodes.get(node.parent_id ?? '')
    if (parent) attach(node, parent)
    else outermost.push(node)
  }
  for (const node of nodes.values()) {
    if (node.subsegments?.length === 0) delete node.subsegments
    else node.subsegments?.sort(byStart)
  }
  return outermost.sort(byStart)
}

const byStart = (a: Segment, b: Segment) => a.start_time - b.start_time

export type SegmentRow = { segment: Segment; depth: number }

/** The rows of the tree, from top to bottom. */
export const segmentRows = (segments: readonly Segment[]): SegmentRow[] => {
  const rows: SegmentRow[] = []
  const add = (segment: Segment, depth: number): void => {
    rows.push({ segment, depth })
    for (const child of segment.subsegments ?? []) add(child, depth + 1)
  }
  for (const segment of segments) add(segment, 0)
  return rows
}
