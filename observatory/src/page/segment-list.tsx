import { type Segment, segmentRows, toXrayTraceId } from '../trace/segment.ts'
import type { Attributes, Span, Trace } from '../trace/span.ts'
import { AttributeTable } from './attribute-table.tsx'
import { colourOf } from './colours.ts'
import { CopyButton } from './copy-button.tsx'
import { duration } from './format.ts'
import { SpanChip } from './jumps.tsx'
import { Exceptions, type ShownException, SignalEmpty, SignalSection } from './signal-section.tsx'

type Props = {
  trace: Trace & { xrayAddress: string | null }
  chosenId: string | null
  onPick: (spanId: string) => void
  onShow: (spanId: string) => void
}

export const SegmentList = ({ trace, chosenId, onPick, onShow }: Props) => {
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
        <SignalEmpty trace={trace} vendor="xray">
          {whyEmpty(trace)}
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
                  <Exceptions chain={exceptionsOf(segment)} isNamed={false} />
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

const whyEmpty = ({ xrayAddress, window }: Props['trace']): string => {
  if (!xrayAddress) {
    return 'The port for X-Ray was in use when the observatory started, so no segments can arrive. Choose another port with --xray-port.'
  }
  if (window.segments === 0) {
    return `No segments have arrived yet. Set AWS_XRAY_DAEMON_ADDRESS to ${xrayAddress}.`
  }
  return 'This trace has no segment. It may still be on its way, it may be lost (UDP losses cannot be seen), or the sampling rule left it out, as AWS’s own rule does with most requests.'
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

const exceptionsOf = ({ cause }: Segment): ShownException[] =>
  (typeof cause === 'object' ? (cause.exceptions ?? []) : []).map(({ type = 'Error', message = '', stack = [] }) => ({
    type,
    message,
    frames: stack.map(({ label = '', path, line }) => ({ name: label, place: `${path}:${line}`, isForeign: false })),
  }))

/** All fields that the row does not show, in one flat list. */
const factsOf = (segment: Segment): Attributes => {
  const { annotations = {}, metadata = {}, http, sql, subsegments: _, cause: __, ...rest } = segment
  const { name: ___, start_time: ____, end_time: _____, ...others } = rest
  return {
    ...prefixed('', others),
    ...prefixed('http.request.', http?.request),
    ...prefixed('http.response.', http?.response),
    ...prefixed('sql.', sql),
    ...prefixed('annotation ', annotations),
    ...Object.assign(
      {},
      ...Object.entries(metadata).map(([namespace, values]) =>
        prefixed(`metadata ${namespace === 'default' ? '' : `${namespace}.`}`, values),
      ),
    ),
  }
}

const prefixed = (prefix: string, values: unknown): Attributes =>
  Object.fromEntries(
    Object.entries(typeof values === 'object' && values !== null ? values : { '': values })
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [prefix + key, value]),
  )
