import type { Status } from '../trace/span.ts'
import { vendorName } from '../trace/vendor.ts'
import { bytes, clockTime, count } from './format.ts'

export const WindowStatus = ({ status, matching }: { status: Status; matching: number | null }) => {
  const { window, dropped, refused, refusals } = status
  const refusedWords = [
    refused.spans > 0 && count(refused.spans, 'span'),
    refused.requests > 0 && count(refused.requests, 'request'),
  ].filter(Boolean)
  return (
    <div className="window-status">
      <p>
        {matching !== null && `${count(matching, 'match', 'matches')} in `}
        {count(window.traces, 'trace')} · {bytes(window.bytes)} of {bytes(window.maxBytes)}
        {dropped.spans > 0 &&
          ` · dropped to make room: ${count(dropped.traces, 'trace')}, ${count(dropped.spans, 'span')}`}
      </p>
      {refusedWords.length > 0 && (
        <details>
          <summary>{refusedWords.join(' and ')} refused</summary>
          <ul>
            {refusals.map((refusal, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: they have no id, and only the newest come in front
              <li key={refusals.length - at}>
                <time>{clockTime(refusal.atMs)}</time>
                <b>{vendorName[refusal.vendor]}</b> a {refusal.what}
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
