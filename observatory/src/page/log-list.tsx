import { useState } from 'react'
import { isBad, type LogLine } from '../trace/log-line.ts'
import type { Attributes, Trace } from '../trace/span.ts'
import { AttributeTable } from './attribute-table.tsx'
import { clockTime, count } from './format.ts'
import { SignalEmpty, SignalSection, TurnedAway } from './signal-section.tsx'
import { SpanChip } from './span-chip.tsx'

const shownAtFirst = 100

type Given = { trace: Trace; chosenId: string | null; onShow: (spanId: string) => void }

export const LogList = ({ trace, chosenId, onShow }: Given) => {
  const [most, setMost] = useState(shownAtFirst)
  const { logs, window } = trace
  const streams = [...new Set(logs.map(({ group, stream }) => `${group} › ${stream}`))]
  return (
    <SignalSection
      id="logs"
      name="CloudWatch Logs"
      count={logs.length}
      aside={<p className="signal-id">{streams.join(', ')}</p>}
    >
      {logs.length === 0 && (
        <SignalEmpty>
          {window.logs === 0
            ? `No log line has come from anybody: AWS_ENDPOINT_URL_CLOUDWATCH_LOGS has to be ${location.origin}.`
            : 'No log line names this trace. The server says one for each request when it has answered, and sends them together, about a second later.'}
          <TurnedAway trace={trace} vendor="cloudwatch" />
        </SignalEmpty>
      )}
      {logs.length > 0 && (
        <ol className="records">
          {logs.slice(0, most).map((line) => (
            <li key={line.id} className={line.spanId !== null && line.spanId === chosenId ? 'is-chosen' : ''}>
              <details id={`line-${line.id}`}>
                <summary>
                  <span className="log-line">
                    <time dateTime={new Date(line.timeMs).toISOString()}>{clockTime(line.timeMs)}</time>
                    <span className={isBad(line.level) ? 'tag is-bad' : 'tag'}>{line.level || '—'}</span>
                    <span className="log-message">{line.message}</span>
                  </span>
                </summary>
                <div className="record-body">
                  {line.traceId && <SpanChip spanId={line.spanId} spans={trace.spans} onShow={onShow} />}
                  <AttributeTable attributes={factsOf(line)} />
                </div>
              </details>
            </li>
          ))}
        </ol>
      )}
      {logs.length > most && (
        <button type="button" className="button is-wide" onClick={() => setMost(Number.POSITIVE_INFINITY)}>
          Show {count(logs.length - most, 'more line')}
        </button>
      )}
    </SignalSection>
  )
}

const factsOf = ({ fields, group, stream, spanId }: LogLine): Attributes =>
  ({ ...fields, ...(spanId && { span_id: spanId }), 'log group': group, 'log stream': stream }) as Attributes
