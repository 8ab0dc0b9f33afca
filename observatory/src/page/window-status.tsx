import { type Status, untraced } from '../trace/span.ts'
import { vendorName, vendors } from '../trace/vendor.ts'
import { follow } from './address.ts'
import { bytes, clockTime, count } from './format.ts'

export const WindowStatus = ({ status, matching }: { status: Status; matching: number | null }) => {
  const { window, dropped, refused, refusals, turnedAway, metrics } = status
  const droppedWords = countsOf([
    [dropped.traces, 'trace'],
    [dropped.spans, 'span'],
    [dropped.segments, 'segment'],
    [dropped.items, 'item'],
    [dropped.logs, 'log line'],
  ])
  const refusedWords = countsOf([
    [refused.spans, 'span'],
    [refused.segments, 'segment'],
    [refused.items, 'item'],
    [refused.logs, 'log event'],
    [refused.requests, 'request'],
  ])
  const turnedAwayWords = vendors
    .filter((vendor) => turnedAway[vendor] > 0)
    .map((vendor) => `${turnedAway[vendor]} to ${vendorName[vendor]}`)
  return (
    <div className="window-status">
      <p>
        {matching !== null && `${count(matching, 'match', 'matches')} in `}
        {count(window.traces, 'trace')} · {bytes(window.bytes)} of {bytes(window.maxBytes)}
        {droppedWords.length > 0 && ` · dropped to make room: ${droppedWords.join(', ')}`}
        {turnedAwayWords.length > 0 && ` · lost while set to fail: ${turnedAwayWords.join(', ')}`}
        {metrics > 0 && ` · ${count(metrics, 'metric')}, not kept`}
        {window.untraced > 0 && ' · '}
        {window.untraced > 0 && (
          <a href={`/traces/${untraced}`} onClick={follow}>
            {window.untraced} without a trace
          </a>
        )}
      </p>
      {refusedWords.length > 0 && (
        <details>
          <summary>{refusedWords.join(' and ')} refused</summary>
          <ul>
            {refusals.map((refusal, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: they have no id, and new ones are added in front
              <li key={refusals.length - at}>
                <time>{clockTime(refusal.atMs)}</time>
                <b>{vendorName[refusal.vendor]}</b> {refusal.what}
                {refusal.name && ` “${refusal.name}”`}: {refusal.reason}
                {refusal.traceId && <code>{refusal.traceId}</code>}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}

const countsOf = (counts: [number, string][]): string[] =>
  counts.filter(([value]) => value > 0).map(([value, one]) => count(value, one))
