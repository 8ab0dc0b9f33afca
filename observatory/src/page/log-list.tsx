import { useState } from 'react'
import { isBad, type LogLine } from '../trace/log-line.ts'
import type { Attributes, Trace } from '../trace/span.ts'
import { AttributeTable } from './attribute-table.tsx'
import { clockTime, count } from './format.ts'
import { SpanChip } from './jumps.tsx'
import { SignalEmpty, SignalSection } from './signal-section.tsx'

const firstLines = 100

type Props = { trace: Trace; chosenId: string | null; onShow: (spanId: string) => void }

export const LogList = ({ trace, chosenId, onShow }: Props) => {
  const [limit, setLimit] = useState(firstLines)
  const { logs, window } = trace
  const streams = [...new Set(logs.map(({ group, stream }) => `${group} › ${stream}`))]
  return (
    <SignalSection id="logs" name="Logs" count={logs.length} aside={<p className="signal-id">{streams.join(', ')}</p>}>
      {logs.length === 0 && (
        <SignalEmpty trace={trace} vendor="cloudwatch">
          {window.logs === 0
            ? `No log lines have arrived yet. Set OTEL_EXPORTER_OTLP_ENDPOINT or AWS_ENDPOINT_URL_CLOUDWATCH_LOGS to ${location.origin}.`
            : 'This trace has no log line.'}
        </SignalEmpty>
      )}
      {logs.length > 0 && (
        <ol className="records">
          {logs.slice(0, limit).map((line) => (
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
      {logs.length > limit && (
        <button type="button" className="button is-wide" onClick={() => setLimit(Number.POSITIVE_INFINITY)}>
          Show {count(logs.length - limit, 'more line')}
        </button>
      )}
    </SignalSection>
  )
}

const factsOf = ({ fields, group, stream, spanId }: LogLine): Attributes =>
  ({ ...fields, ...(spanId && { span_id: spanId }), 'log group': group, 'log stream': stream }) as Attributes
