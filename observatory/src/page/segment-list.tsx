import { type Segment, segmentRows, toXrayTraceId } from '../trace/segment.ts'
import type { Attributes, Span, Trace } from '../trace/span.ts'
import { AttributeTable } from './attribute-table.tsx'
import { colourOf } from './colours.ts'
import { CopyButton } from './copy-button.tsx'
import { duration } from './format.ts'
import { SignalEmpty, SignalSection, TurnedAway } from './signal-section.tsx'
import { SpanChip } from './span-chip.tsx'

type Given = {
  trace: Trace & { xrayAddress: string | null }
  chosenId: string | null
  onPick: (spanId: string) => void
  onShow: (spanId: string) => void
}

export const SegmentList = ({ trace, chosenId, onPick, onShow }: Given) => {
  const rows = segmentRows(trace.segments)
  const spans = new Map(trace.spans.map((span) => [span.spanId, span]))
  const id = toXrayTraceId(trace.traceId)
  const aside = (
    <p className="signal-id">
      <code>{id}</code>
      <CopyButton text={id} label="Copy X-Ray's trace id" />
    </p>
  )
  return (
    <SignalSection id="xray" name="X-Ray" count={rows.length} aside={aside}>
      {rows.length === 0 && (
        <SignalEmpty>
          {whyNone(trace)}
          <TurnedAway trace={trace} vendor="xray" />
        </SignalEmpty>
      )}
      {rows.length > 0 && (
        <ul className="records">
          {rows.map(({ segment, depth }) => (
            <li key={segment.id} className={segment.id === chosenId ? 'is-chosen' : ''}>
              <details
                id={`segment-${segment.id}`}
                name="segments"
                onToggle={(event) => event.currentTarget.open && onPick(segment.id)}
              >
                <summary>
                  <SegmentLine segment={segment} depth={depth} span={spans.get(segment.id)} />
                </summary>
                <div className="record-body">
                  <SpanChip spanId={segment.id} spans={trace.spans} onShow={onShow} />
                  <Cause segment={segment} />
                  <AttributeTable attributes={factsOf(segment)} />
                </div>
              </details>
            </li>
          ))}
        </ul>
      )}
    </SignalSection>
  )
}

const whyNone = ({ xrayAddress, window }: Given['trace']): string => {
  if (!xrayAddress) {
    return 'The port for X-Ray was taken when the observatory started, so that no segment can arrive here. OBSERVATORY_XRAY_PORT moves it.'
  }
  if (window.segments === 0) {
    return `No segment has come from anybody. They are sent where AWS_XRAY_DAEMON_ADDRESS says, and that has to be ${xrayAddress}.`
  }
  return 'No segment of this trace has arrived. It may be on its way; it may have been lost, for nobody misses a datagram; or the sampling rule has left it out, as at AWS it leaves out most requests.'
}

const SegmentLine = ({ segment, depth, span }: { segment: Segment; depth: number; span: Span | undefined }) => {
  const { name, start_time, end_time, http, namespace, fault, error, throttle } = segment
  const status = http?.response?.status
  return (
    <span className="segment-line">
      <span className="record-name" style={{ paddingLeft: Math.min(depth, 12) * 16 }}>
        <span className={span ? 'dot' : 'dot is-hollow'} data-colour={span && colourOf(span)} aria-hidden="true" />
        <span className="row-text">{name}</span>
        {segment.type === 'subsegment' && depth === 0 && <span className="tag">no segment</span>}
        {fault && <span className="tag is-bad">fault</span>}
        {throttle && <span className="tag is-bad">throttle</span>}
        {error && !throttle && <span className="tag">error</span>}
        {segment.sql && <span className="tag is-sql">SQL</span>}
        {!span && <span className="unseen">no span with this id has arrived</span>}
      </span>
      <span className="record-aside">
        {[depth === 0 && segment.type !== 'subsegment' && 'segment', namespace, status].filter(Boolean).join(' · ')}
      </span>
      <span className="record-figure">
        {end_time === undefined ? 'in progress' : duration((end_time - start_time) * 1000)}
      </span>
      <code className="record-id">{segment.id}</code>
    </span>
  )
}

const Cause = ({ segment: { cause } }: { segment: Segment }) =>
  typeof cause === 'object' &&
  cause.exceptions?.map(({ id, type, message, stack = [] }) => (
    <div key={id ?? message} className="exception">
      <p>
        <b>{type ?? 'Error'}</b> {message}
      </p>
      <ol className="frames">
        {stack.map((frame, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: frames have no id and never move
          <li key={at}>
            <b>{frame.label}</b>{' '}
            <code>
              {frame.path}:{frame.line}
            </code>
          </li>
        ))}
      </ol>
    </div>
  ))

/** What the line above has not said, flat. */
const factsOf = (segment: Segment): Attributes => {
  const { annotations = {}, metadata = {}, http, sql, subsegments: _, cause: __, ...rest } = segment
  const { name: ___, start_time: ____, end_time: _____, ...others } = rest
  const flat: [string, unknown][] = [
    ...Object.entries(others),
    ...Object.entries(http?.request ?? {}).map(([key, value]): [string, unknown] => [`http.request.${key}`, value]),
    ...Object.entries(http?.response ?? {}).map(([key, value]): [string, unknown] => [`http.response.${key}`, value]),
    ...Object.entries(sql ?? {}).map(([key, value]): [string, unknown] => [`sql.${key}`, value]),
    ...Object.entries(annotations).map(([key, value]): [string, unknown] => [`annotation ${key}`, value]),
    ...Object.entries(metadata).flatMap(([space, values]) =>
      Object.entries(typeof values === 'object' && values !== null ? values : { '': values }).map(
        ([key, value]): [string, unknown] => [`metadata ${space === 'default' ? key : `${space}.${key}`}`, value],
      ),
    ),
  ]
  return Object.fromEntries(flat.filter(([, value]) => value !== undefined)) as Attributes
}
