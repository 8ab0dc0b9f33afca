import type { MouseEvent } from 'react'
import type { FetchSplit } from '../trace/network.ts'
import type { Span } from '../trace/span.ts'
import { isSql } from '../trace/summary.ts'
import type { Row } from '../trace/tree.ts'
import { colourOf } from './colours.ts'
import { count, duration, eventTitle } from './format.ts'

export const rowId = (span: Span): string => `span-${span.spanId}`

const deepestIndent = 24

type Given = {
  row: Row
  top: number
  /** Since the beginning of the axis. */
  startMs: number
  lengthMs: number
  split: FetchSplit | undefined
  moved: boolean
  chosen: boolean
  atCursor: boolean
  onToggle: () => void
  onChoose: () => void
}

export const WaterfallRow = (given: Given) => {
  const { row, top, split, chosen, atCursor, onToggle, onChoose } = given
  const { span } = row
  const failed = span.status.code === 'error'
  const percent = (ms: number) => (ms / (given.lengthMs || 1)) * 100
  const left = percent(given.startMs)
  const width = percent(span.durationMs)
  const aside = [
    span.service,
    span.kind,
    row.orphan && 'its parent is missing',
    given.moved && 'moved to align the clocks',
  ]
  const toggle = (event: MouseEvent) => {
    event.stopPropagation()
    onToggle()
  }
  const classes = ['row', chosen && 'is-chosen', atCursor && 'is-cursor', failed && 'is-bad', row.orphan && 'is-orphan']

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the focus and the keys
    <div
      id={rowId(span)}
      role="treeitem"
      tabIndex={-1}
      aria-level={row.depth + 1}
      aria-setsize={row.siblings}
      aria-posinset={row.place}
      aria-selected={chosen}
      aria-expanded={row.hasChildren ? row.expanded : undefined}
      className={classes.filter(Boolean).join(' ')}
      style={{ transform: `translateY(${top}px)` }}
      onClick={onChoose}
      onMouseDown={(event) => {
        if (event.detail > 1) event.preventDefault()
      }}
    >
      <div className="row-name">
        <span className="indent" style={{ width: Math.min(row.depth, deepestIndent) * 16 }} />
        {row.hasChildren ? (
          // biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: left and right do the same by key
          <span className={row.expanded ? 'twisty is-open' : 'twisty'} onClick={toggle}>
            <svg viewBox="0 0 16 16" aria-hidden="true">
              <path d="m6 4 4 4-4 4" />
            </svg>
          </span>
        ) : (
          <span className="twisty" />
        )}
        <span className="dot" data-colour={colourOf(span)} />
        <span className="row-text">{span.name || '(no name)'}</span>
        {isSql(span) && <span className="tag is-sql">SQL</span>}
        {failed && <span className="tag is-bad">error</span>}
        {row.orphan && <span className="tag">no parent</span>}
        {row.hasChildren && !row.expanded && <span className="tag">{count(row.descendants, 'span')}</span>}
        <span className="unseen">{aside.filter(Boolean).join(', ')}</span>
      </div>
      <div className="row-time" aria-hidden="true">
        <div
          className={`bar${split ? ' is-split' : ''}${given.moved ? ' is-moved' : ''}${failed ? ' is-failed' : ''}`}
          data-colour={colourOf(span)}
          style={{ left: `${left}%`, width: `max(2px, ${width}%)` }}
        >
          {split?.parts.map((part) => (
            <span
              key={part.what}
              className={`part is-${part.what}`}
              style={{
                left: `${(part.fromMs / split.totalMs) * 100}%`,
                width: `${((part.toMs - part.fromMs) / split.totalMs) * 100}%`,
              }}
            />
          ))}
          {span.events.map((event, at) => (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: events have no id and never move
              key={at}
              className="event"
              title={eventTitle(event)}
              style={{ left: `${clampPercent(((event.timeMs - span.startMs) / (span.durationMs || 1)) * 100)}%` }}
            />
          ))}
        </div>
      </div>
      <div className="row-figures">
        <span className="figure-part">{split && <Figure words="network" ms={split.networkMs} />}</span>
        <span className="figure-part">{split && <Figure words="server" ms={split.serverMs} />}</span>
        <span>{duration(span.durationMs)}</span>
      </div>
    </div>
  )
}

const Figure = ({ words, ms }: { words: string; ms: number }) => (
  <>
    <span className="unseen">{words} </span>
    {duration(ms)}
  </>
)

const clampPercent = (value: number) => Math.min(100, Math.max(0, value))
