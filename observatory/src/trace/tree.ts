import type { Span } from './span.ts'

export type Node = { span: Span; children: Node[]; orphan: boolean }

/** Start times are rounded: of two spans with the same start, the one that ended first comes first. */
const byStart = (a: Node, b: Node) => a.span.startMs - b.span.startMs || a.span.durationMs - b.span.durationMs

/** A span whose parent is missing becomes a root, below the real ones. */
export const treeOf = (spans: readonly Span[]): Node[] => {
  const nodes = new Map(spans.map((span): [string, Node] => [span.spanId, { span, children: [], orphan: false }]))
  const roots: Node[] = []
  for (const node of nodes.values()) {
    const { parentSpanId } = node.span
    const parent = parentSpanId === null ? undefined : nodes.get(parentSpanId)
    node.orphan = parentSpanId !== null && !parent
    ;(parent?.children ?? roots).push(node)
  }
  for (const node of nodes.values()) node.children.sort(byStart)
  return roots.sort((a, b) => Number(a.orphan) - Number(b.orphan) || byStart(a, b))
}

export type Row = {
  span: Span
  depth: number
  hasChildren: boolean
  expanded: boolean
  descendants: number
  /** The position among its siblings, from 1. */
  place: number
  siblings: number
  orphan: boolean
  parentId: string | null
}

/** The visible rows, from top to bottom. */
export const rowsOf = (roots: readonly Node[], collapsed: ReadonlySet<string>): Row[] => {
  const rows: Row[] = []
  const add = (nodes: readonly Node[], depth: number, parentId: string | null): void => {
    for (const [at, { span, children, orphan }] of nodes.entries()) {
      const hasChildren = children.length > 0
      const expanded = hasChildren && !collapsed.has(span.spanId)
      const position = { place: at + 1, siblings: nodes.length, parentId, depth }
      rows.push({ span, orphan, hasChildren, expanded, descendants: countOf(children), ...position })
      if (expanded) add(children, depth + 1, span.spanId)
    }
  }
  add(roots, 0, null)
  return rows
}

const countOf = (nodes: readonly Node[]): number =>
  nodes.reduce((count, { children }) => count + 1 + countOf(children), 0)
