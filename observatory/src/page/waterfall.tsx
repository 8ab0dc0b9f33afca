import { type KeyboardEvent, useEffect, useMemo, useState } from 'react'
import { ticksOf } from '../trace/axis.ts'
import type { FetchSplit } from '../trace/network.ts'
import type { Trace } from '../trace/span.ts'
import { type Row, rowsOf, treeOf } from '../trace/tree.ts'
import { count, tick } from './format.ts'
import { revealRow, rowId, WaterfallRow } from './waterfall-row.tsx'

const firstRows = 1_000

type Props = {
  trace: Trace
  /** By the id of the request's span. */
  splits: ReadonlyMap<string, FetchSplit>
  /** By how many milliseconds the bars of a service are moved. */
  shifts: Map<string, number>
  chosenId: string | null
  detailsOpen: boolean
  onChoose: (spanId: string) => void
}

export const Waterfall = ({ trace, splits, shifts, chosenId, detailsOpen, onChoose }: Props) => {
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set())
  const [cursorId, setCursorId] = useState<string | null>(chosenId)
  const [limit, setLimit] = useState(firstRows)
  const rows = useMemo(() => rowsOf(treeOf(trace.spans), collapsed), [trace, collapsed])
  const axis = useMemo(() => axisOf(trace, shifts), [trace, shifts])
  const ticks = ticksOf(axis.lengthMs, 6)
  const shown = rows.slice(0, limit)
  const cursor = Math.max(
    0,
    shown.findIndex((row) => row.span.spanId === cursorId),
  )
  const rowAtCursor = shown[cursor]

  // A link may name a span.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only at first
  useEffect(() => {
    if (chosenId) revealRow(chosenId)
  }, [])

  const moveTo = (at: number) => {
    const spanId = shown[Math.min(Math.max(at, 0), shown.length - 1)]?.span.spanId
    if (spanId === undefined) return
    setCursorId(spanId)
    revealRow(spanId)
    if (detailsOpen) onChoose(spanId)
  }
  const toggle = (row: Row, expand: boolean) => {
    const next = new Set(collapsed)
    if (expand) next.delete(row.span.spanId)
    else next.add(row.span.spanId)
    setCollapsed(next)
  }
  const stepIn = (row: Row) => (row.hasChildren && !row.expanded ? toggle(row, true) : moveTo(cursor + 1))
  const stepOut = (row: Row) =>
    row.expanded ? toggle(row, false) : moveTo(shown.findIndex((other) => other.span.spanId === row.parentId))
  const press = (key: string, row: Row): boolean => {
    if (key === 'ArrowDown' || key === 'j') moveTo(cursor + 1)
    else if (key === 'ArrowUp' || key === 'k') moveTo(cursor - 1)
    else if (key === 'Home') moveTo(0)
    else if (key === 'End') moveTo(shown.length - 1)
    else if (key === 'ArrowRight') stepIn(row)
    else if (key === 'ArrowLeft') stepOut(row)
    else if (key === 'Enter' || key === ' ') onChoose(row.span.spanId)
    else return false
    return true
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (!rowAtCursor || event.ctrlKey || event.metaKey || event.altKey) return
    if (press(event.key, rowAtCursor)) event.preventDefault()
  }

  const parents = new Set(rows.filter((row) => row.hasChildren && row.depth > 0).map((row) => row.span.spanId))
  const left = (ms: number) => ({ left: `${(ms / (axis.lengthMs || 1)) * 100}%` })
  return (
    <section className="waterfall" id="spans" aria-label="Waterfall" tabIndex={-1}>
      <div className="axis">
        <div className="axis-name">
          Span
          {(parents.size > 0 || collapsed.size > 0) && (
            <button
              type="button"
              className="plain"
              onClick={() => setCollapsed(collapsed.size > 0 ? new Set() : parents)}
            >
              {collapsed.size > 0 ? 'Open all' : 'Close all'}
            </button>
          )}
        </div>
        <div className="axis-time" aria-hidden="true">
          {ticks.map((ms) => (
            <span key={ms} style={left(ms)}>
              {ms < axis.lengthMs * 0.9 && tick(ms, ticks[1] ?? 1)}
            </span>
          ))}
        </div>
        <div className="axis-figures" aria-hidden="true">
          <span className="figure-part">Network</span>
          <span className="figure-part">Server</span>
          <span>Time</span>
        </div>
      </div>
      <div className="rows">
        <div className="grid" aria-hidden="true">
          <div className="grid-time">
            {ticks.map((ms) => (
              <span key={ms} style={left(ms)} />
            ))}
          </div>
          <div className="grid-figures" />
        </div>
        <div
          className="tree"
          role="tree"
          tabIndex={0}
          aria-label="Spans of the trace"
          aria-activedescendant={rowAtCursor && rowId(rowAtCursor.span.spanId)}
          onKeyDown={onKeyDown}
        >
          {shown.map((row, at) => {
            const { span } = row
            const shiftMs = shifts.get(span.service) ?? 0
            return (
              <WaterfallRow
                key={span.spanId}
                row={row}
                startMs={span.startMs + shiftMs - axis.startMs}
                axisMs={axis.lengthMs}
                split={splits.get(span.spanId)}
                isMoved={shiftMs !== 0}
                isChosen={span.spanId === chosenId}
                isAtCursor={at === cursor}
                onToggle={() => toggle(row, !row.expanded)}
                onChoose={() => {
                  setCursorId(span.spanId)
                  onChoose(span.spanId)
                }}
              />
            )
          })}
        </div>
      </div>
      {rows.length > limit && (
        <button type="button" className="button is-wide" onClick={() => setLimit(Number.POSITIVE_INFINITY)}>
          Show {count(rows.length - limit, 'more span')}
        </button>
      )}
    </section>
  )
}

const axisOf = (trace: Trace, shifts: Map<string, number>) => {
  let startMs = Number.POSITIVE_INFINITY
  let endMs = Number.NEGATIVE_INFINITY
  for (const span of trace.spans) {
    const at = span.startMs + (shifts.get(span.service) ?? 0)
    startMs = Math.min(startMs, at)
    endMs = Math.max(endMs, at + span.durationMs)
  }
  return { startMs, lengthMs: endMs - startMs }
}
