/** As X-Ray keeps it: a segment, or a subsegment whose parent has not come. The rest of the document is as it was sent. */
export type Segment = {
  id: string
  name: string
  /** `1-8hex-24hex`; only the outermost has one. */
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

/** The same id in the two vendors' own forms. */
export const toXrayTraceId = (traceId: string): string => `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`
export const fromXrayTraceId = (id: string): string => id.slice(2).replace('-', '').toLowerCase()
export const isXrayTraceId = (id: string): boolean => /^1-[0-9a-f]{8}-[0-9a-f]{24}$/i.test(id)

/** Every subsegment inside the segment it hangs below, wherever and whenever it came from. */
export const mergeSegments = (documents: readonly Segment[]): Segment[] => {
  const nodes = new Map<string, Segment>()
  const owners = new Map<string, Segment>()
  const outermost: Segment[] = []
  const enter = (given: Segment): Segment => {
    const node: Segment = { ...given, subsegments: [] }
    nodes.set(node.id, node)
    return node
  }
  const enterBelow = (top: Segment, given: readonly Segment[]) => {
    const open = given.map((child) => [top, child] as const)
    for (let next = open.shift(); next; next = open.shift()) {
      const [parent, child] = next
      const node = enter(child)
      owners.set(node.id, parent)
      parent.subsegments?.push(node)
      for (const grandchild of child.subsegments ?? []) open.push([node, grandchild])
    }
  }
  const wholes = documents.filter((document) => document.type !== 'subsegment')
  const parts = documents.filter((document) => document.type === 'subsegment')
  for (const document of wholes) {
    const node = enter(document)
    outermost.push(node)
    enterBelow(node, document.subsegments ?? [])
  }
  const entered = parts.map((document) => {
    // What came by itself is newer than what its segment had of it.
    const before = nodes.get(document.id)
    const owner = owners.get(document.id)
    if (before && owner) owner.subsegments?.splice(owner.subsegments.indexOf(before), 1)
    const node = enter(document)
    if (before && owner) {
      node.subsegments = before.subsegments ?? []
      for (const child of node.subsegments) owners.set(child.id, node)
    }
    enterBelow(node, document.subsegments ?? [])
    return node
  })
  for (const node of entered) {
    const parent = nodes.get(node.parent_id ?? '')
    if (parent && !isBelow(parent, node, owners)) {
      parent.subsegments?.push(node)
      owners.set(node.id, parent)
    } else outermost.push(node)
  }
  for (const node of nodes.values()) {
    if (node.subsegments?.length === 0) delete node.subsegments
    else node.subsegments?.sort(byStart)
  }
  return outermost.sort(byStart)
}

const byStart = (a: Segment, b: Segment) => a.start_time - b.start_time

/** Two that name each other as parents would else vanish together. */
const isBelow = (node: Segment, top: Segment, owners: ReadonlyMap<string, Segment>): boolean => {
  for (let at: Segment | undefined = node; at; at = owners.get(at.id)) if (at === top) return true
  return false
}

export type SegmentRow = { segment: Segment; depth: number }

/** From top to bottom, as they hang below each other. */
export const segmentRows = (segments: readonly Segment[]): SegmentRow[] => {
  const rows: SegmentRow[] = []
  const open: SegmentRow[] = segments.map((segment) => ({ segment, depth: 0 })).reverse()
  for (let next = open.pop(); next; next = open.pop()) {
    rows.push(next)
    const { depth, segment } = next
    for (const child of (segment.subsegments ?? []).toReversed()) open.push({ segment: child, depth: depth + 1 })
  }
  return rows
}
