import type { Span } from './span.ts'

export type Node = { span: Span; children: Node[]; orphan: boolean }

/** Starts are rounded: of two that seem to start together, the one that ended first came first. */
const byStart = (a: Node, b: Node) => a.span.startMs - b.span.startMs || a.span.durationMs - b.span.durationMs

/** Every span exactly once: what names a missing parent is a root of its own, and so is the first of a circle. */
export const treeOf = (spans: readonly Span[]): Node[] => {
  const nodes = new Map(spans.map((span) => [span.spanId, { span, children: [], orphan: false } as Node]))
  const roots: Node[] = []
  for (const node of nodes.values()) {
    const parent = node.span.parentSpanId === null ? undefined : nodes.get(node.span.parentSpanId)
    if (parent && parent !== node) parent.children.push(node)
    else {
      node.orphan = node.span.parentSpanId !== null
      roots.push(node)
    }
  }
  breakCircles(nodes, roots)
  for (const node of nodes.values()) node.children.sort(byStart)
  return roots.sort((a, b) => Number(a.orphan) - Number(b.orphan) || byStart(a, b))
}

const breakCircles = (nodes: Map<string, Node>, roots: Node[]) => {
  const reached = new Set<Node>()
  const reach = (root: Node) => {
    const open = [root]
    for (let node = open.pop(); node; node = open.pop()) {
      reached.add(node)
      for (const child of node.children) if (!reached.has(child)) open.push(child)
    }
  }
  for (const root of roots) reach(root)
  for (const node of [...nodes.values()].sort(byStart)) {
    if (reached.has(node)) continue
    const parent = nodes.get(node.span.parentSpanId as string) as Node
    parent.children.splice(parent.children.indexOf(node), 1)
    node.orphan = true
    roots.push(node)
    reach(node)
  }
}

export type Row = {
  span: Span
  depth: number
  hasChildren: boolean
  expanded: boolean
  descendants: number
  /** Its place among its siblings, from 1. */
  place: number
  siblings: number
  orphan: boolean
  parentId: string | null
}

/** The rows that are to be seen, from top to bottom. */
export const rowsOf = (roots: readonly Node[], collapsed: ReadonlySet<string>): Row[] => {
  const counts = countDescendants(roots)
  const rows: Row[] = []
  type Open = { node: Node; depth: number; place: number; siblings: number; parentId: string | null }
  const open: Open[] = []
  const push = (nodes: readonly Node[], depth: number, parentId: string | null) => {
    for (let at = nodes.length - 1; at >= 0; at--) {
      const node = nodes[at] as Node
      open.push({ node, depth, place: at + 1, siblings: nodes.length, parentId })
    }
  }
  push(roots, 0, null)
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, depth, place, siblings, parentId } = next
    const { span, children, orphan } = node
    const hasChildren = children.length > 0
    const expanded = hasChildren && !collapsed.has(span.spanId)
    const descendants = counts.get(node) ?? 0
    rows.push({ span, depth, hasChildren, expanded, descendants, place, siblings, orphan, parentId })
    if (expanded) push(children, depth + 1, span.spanId)
  }
  return rows
}

const countDescendants = (roots: readonly Node[]): Map<Node, number> => {
  const order: Node[] = []
  const open = [...roots]
  for (let node = open.pop(); node; node = open.pop()) {
    order.push(node)
    for (const child of node.children) open.push(child)
  }
  const counts = new Map<Node, number>()
  for (const node of order.reverse()) {
    counts.set(
      node,
      node.children.reduce((sum, child) => sum + 1 + (counts.get(child) ?? 0), 0),
    )
  }
  return counts
}
