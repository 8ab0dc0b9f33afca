import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { ticksOf } from '../trace/axis.ts'
import type { FetchSplit } from '../trace/network.ts'
import type { Trace } from '../trace/span.ts'
import { type Row, rowsOf, treeOf } from '../trace/tree.ts'
import { tick } from './format.ts'
import { useRowWindow } from './use-row-window.ts'
import { rowId, WaterfallRow } from './waterfall-row.tsx'

type Given = {
  trace: Trace
  /** By the id of the fetch's span. */
  splits: ReadonlyMap<string, FetchSplit>
  /** By how much the bars of a service are moved, in ms. */
  shifts: Map<string, number>
  chosenId: string | null
  detailsOpen: boolean
  /** Grows with each wish to see the chosen span, whoever has it. */
  wish: number
  onChoose: (spanId: string) => void
}

export const Waterfall = ({ trace, splits, shifts, chosenId, detailsOpen, wish, onChoose }: Given) => {
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set())
  const [cursorId, setCursorId] = useState<string | null>(chosenId)
  const tree = useRef<HTMLDivElement>(null)
  const roots = useMemo(() => treeOf(trace.spans), [trace])
  const rows = useMemo(() => rowsOf(roots, collapsed), [roots, collapsed])
  const time = useMemo(() => extentOf(trace, shifts), [trace, shifts])
  const cursor = Math.max(
    0,
    rows.findIndex((row) => row.span.spanId === cursorId),
  )
  const { from, to, rowHeight, reveal, narrow } = useRowWindow(tree, rows.length, detailsOpen)
  const ticks = ticksOf(time.lengthMs, narrow ? 3 : 6)

  const shown = rows.slice(from, to).map((row, at) => ({ row, at: from + at }))
  const atCursor = rows[cursor]
  if (atCursor && (cursor < from || cursor >= to)) shown.push({ row: atCursor, at: cursor })

  // Whatever chose it, a link or a click whose details then cover half the page: once, it is brought into sight.
  const granted = useRef(0)
  useEffect(() => {
    const at = rows.findIndex((row) => row.span.spanId === chosenId)
    if (at < 0 || granted.current === wish) return
    granted.current = wish
    reveal(at, true)
  }, [rows, chosenId, wish, reveal])

  const moveTo = (at: number) => {
    const row = rows[Math.min(Math.max(at, 0), rows.length - 1)]
    if (!row) return
    setCursorId(row.span.spanId)
    reveal(rows.indexOf(row))
    if (detailsOpen && !narrow) onChoose(row.span.spanId)
  }
  const toggle = (row: Row, expand: boolean) => {
    const next = new Set(collapsed)
    if (expand) next.delete(row.span.spanId)
    else next.add(row.span.spanId)
    setCollapsed(next)
  }
  const stepIn = (row: Row) => (row.hasChildren && !row.expanded ? toggle(row, true) : moveTo(cursor + 1))
  const stepOut = (row: Row) =>
    row.expanded ? toggle(row, false) : moveTo(rows.findIndex((other) => other.span.spanId === row.parentId))
  const act = (key: string, row: Row): boolean => {
    if (key === 'ArrowDown' || key === 'j') moveTo(cursor + 1)
    else if (key === 'ArrowUp' || key === 'k') moveTo(cursor - 1)
    else if (key === 'Home') moveTo(0)
    else if (key === 'End') moveTo(rows.length - 1)
    else if (key === 'ArrowRight') stepIn(row)
    else if (key === 'ArrowLeft') stepOut(row)
    else if (key === 'Enter' || key === ' ') onChoose(row.span.spanId)
    else return false
    return true
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (!atCursor || event.ctrlKey || event.metaKey || event.altKey) return
    if (!act(event.key, atCursor)) return
    event.preventDefault()
  }

  const below = new Set(rows.filter((row) => row.hasChildren && row.depth > 0).map((row) => row.span.spanId))
  return (
    <section className="waterfall" id="spans" aria-label="Waterfall" tabIndex={-1}>
      <div className="axis">
        <div className="axis-name">
          Span
          {(below.size > 0 || collapsed.size > 0) && (
            <button
              type="button"
              className="plain"
              onClick={() => setCollapsed(collapsed.size > 0 ? new Set() : below)}
            >
              {collapsed.size > 0 ? 'Open all' : 'Close all'}
            </button>
          )}
        </div>
        <div className="axis-time" aria-hidden="true">
          {ticks.map((ms) => (
            <span key={ms} style={{ left: `${(ms / (time.lengthMs || 1)) * 100}%` }}>
              {ms < time.lengthMs * 0.9 && tick(ms, ticks[1] ?? 1)}
            </span>
          ))}
        </div>
        <div className="axis-figures" aria-hidden="true">
          <span className="figure-part">Network</span>
          <span className="figure-part">Server</span>
          <span>Time</span>
        </div>
      </div>
      <div className="rows" style={{ height: rows.length * rowHeight }}>
        <div className="grid" aria-hidden="true">
          <div className="grid-time">
            {ticks.map((ms) => (
              <span key={ms} style={{ left: `${(ms / (time.lengthMs || 1)) * 100}%` }} />
            ))}
          </div>
          <div className="grid-figures" />
        </div>
        <div
          ref={tree}
          className="tree"
          role="tree"
          tabIndex={0}
          aria-label="Spans of the trace"
          aria-activedescendant={atCursor && rowId(atCursor.span)}
          onKeyDown={onKeyDown}
        >
          {shown.map(({ row, at }) => (
            <WaterfallRow
              key={row.span.spanId}
              row={row}
              top={at * rowHeight}
              startMs={row.span.startMs + (shifts.get(row.span.service) ?? 0) - time.startMs}
              lengthMs={time.lengthMs}
              split={splits.get(row.span.spanId)}
              moved={(shifts.get(row.span.service) ?? 0) !== 0}
              chosen={row.span.spanId === chosenId}
              atCursor={at === cursor}
              onToggle={() => toggle(row, !row.expanded)}
              onChoose={() => {
                setCursorId(row.span.spanId)
                onChoose(row.span.spanId)
              }}
            />
          ))}
        </div>
      </div>
    </section>
  )
}

const extentOf = (trace: Trace, shifts: Map<string, number>) => {
  let start = Number.POSITIVE_INFINITY
  let end = Number.NEGATIVE_INFINITY
  for (const span of trace.spans) {
    const at = span.startMs + (shifts.get(span.service) ?? 0)
    start = Math.min(start, at)
    end = Math.max(end, at + span.durationMs)
  }
  return { startMs: start, lengthMs: end - start }
}
