import type { MouseEvent } from 'react'
import type { FetchSplit } from '../trace/network.ts'
import { isSql } from '../trace/summary.ts'
import type { Row } from '../trace/tree.ts'
import { colourOf, splitColoursFor } from './colours.ts'
import { count, duration, eventTitle } from './format.ts'

export const rowId = (spanId: string): string => `span-${spanId}`

/** Scrolls only when the row is out of sight. */
export const revealRow = (spanId: string): void =>
  document.getElementById(rowId(spanId))?.scrollIntoView({ block: 'nearest' })

const maxIndent = 24

type Props = {
  row: Row
  /** Since the beginning of the axis. */
  startMs: number
  axisMs: number
  split: FetchSplit | undefined
  isMoved: boolean
  isChosen: boolean
  isAtCursor: boolean
  onToggle: () => void
  onChoose: () => void
}

export const WaterfallRow = ({ row, startMs, axisMs, split, isMoved, isChosen, isAtCursor, ...on }: Props) => {
  const { span, orphan } = row
  const failed = span.status.code === 'error'
  const share = (ms: number) => (ms / (axisMs || 1)) * 100
  const spoken = [span.service, span.kind, orphan && 'its parent is missing', isMoved && 'moved to align the clocks']
  const toggle = (event: MouseEvent) => {
    event.stopPropagation()
    on.onToggle()
  }

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the focus and the keys
    <div
      id={rowId(span.spanId)}
      role="treeitem"
      tabIndex={-1}
      aria-level={row.depth + 1}
      aria-setsize={row.siblings}
      aria-posinset={row.place}
      aria-selected={isChosen}
      aria-expanded={row.hasChildren ? row.expanded : undefined}
      className={classNames('row', isChosen && 'is-chosen', isAtCursor && 'is-cursor', failed && 'is-bad')}
      onClick={on.onChoose}
      onMouseDown={(event) => {
        if (event.detail > 1) event.preventDefault()
      }}
    >
      <div className="row-name">
        <span className="indent" style={{ width: Math.min(row.depth, maxIndent) * 16 }} />
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
        {orphan && <span className="tag">no parent</span>}
        {row.hasChildren && !row.expanded && <span className="tag">{count(row.descendants, 'span')}</span>}
        <span className="unseen">{spoken.filter(Boolean).join(', ')}</span>
      </div>
      <div className="row-time" aria-hidden="true">
        <div
          className={classNames('bar', split !== undefined && 'is-split', isMoved && 'is-moved', failed && 'is-failed')}
          data-colour={colourOf(span)}
          style={{
            left: `${share(startMs)}%`,
            width: `max(2px, ${share(span.durationMs)}%)`,
            ...(split && splitColoursFor(span, split)),
          }}
        >
          {split && <SplitParts split={split} />}
          {span.events.map((event, at) => (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: events have no id and never move
              key={at}
              className="event"
              title={eventTitle(event)}
              style={{ left: `${clamp((event.timeMs - span.startMs) / (span.durationMs || 1)) * 100}%` }}
            />
          ))}
        </div>
      </div>
      <div className="row-figures">
        <span className="figure-part">{split && <Figure name="network" ms={split.networkMs} />}</span>
        <span className="figure-part">{split && <Figure name="server" ms={split.serverMs} />}</span>
        <span>{duration(span.durationMs)}</span>
      </div>
    </div>
  )
}

/** The parts of a request's bar: solid where the page or the server works, hatched on the network. */
export const SplitParts = ({ split }: { split: FetchSplit }) =>
  split.parts.map(({ what, fromMs, toMs }) => (
    <span
      key={what}
      className={`part is-${what}`}
      style={{ left: `${(fromMs / split.totalMs) * 100}%`, width: `${((toMs - fromMs) / split.totalMs) * 100}%` }}
    />
  ))

const Figure = ({ name, ms }: { name: string; ms: number }) => (
  <>
    <span className="unseen">{name} </span>
    {duration(ms)}
  </>
)

const clamp = (share: number) => Math.min(1, Math.max(0, share))

const classNames = (...names: (string | false)[]): string => names.filter(Boolean).join(' ')
