import { type Exception, exceptionsOf, type Item, isFields } from '../trace/item.ts'
import type { Attributes, Trace } from '../trace/span.ts'
import { AttributeTable } from './attribute-table.tsx'
import { clockTime } from './format.ts'
import { SpanChip } from './jumps.tsx'
import { Exceptions, type ShownException, SignalEmpty, SignalSection } from './signal-section.tsx'

type Props = { trace: Trace; onShow: (spanId: string) => void }

export const ItemList = ({ trace, onShow }: Props) => (
  <SignalSection id="rollbar" name="Rollbar" count={trace.items.length}>
    {trace.items.length === 0 && (
      <SignalEmpty trace={trace} vendor="rollbar">
        {trace.window.items === 0
          ? `No items have arrived yet. Set Rollbar’s endpoint to ${location.origin}/api/1/item/.`
          : 'This trace has no item.'}
      </SignalEmpty>
    )}
    {trace.items.map((item) => (
      <article key={item.uuid} id={`item-${item.uuid}`} className="item">
        <h3>
          <span className={isSerious(item) ? 'tag is-bad' : 'tag'}>{item.level}</span>
          <span>
            {item.class && <b>{item.class}: </b>}
            {item.message || '(no message)'}
          </span>
        </h3>
        <div className="item-facts">
          <time dateTime={new Date(item.timeMs).toISOString()}>{clockTime(item.timeMs)}</time>
          <SpanChip spanId={item.spanId} spans={trace.spans} onShow={onShow} />
        </div>
        <Exceptions chain={exceptionsOf(item.data).map(shownException)} isNamed />
        <AttributeTable attributes={factsOf(item)} />
      </article>
    ))}
  </SignalSection>
)

const isSerious = ({ level }: Item): boolean => level === 'error' || level === 'critical'

const shownException = ({ class: type, message, frames }: Exception): ShownException => ({
  type,
  message,
  frames: frames.toReversed().map(({ method, filename, lineno, colno }) => ({
    name: method || '(anonymous)',
    place: [filename, lineno, colno].filter((part) => part !== undefined && part !== null).join(':'),
    isForeign: /node_modules|^node:/.test(filename ?? ''),
  })),
})

const factsOf = ({ data, uuid, person, environment }: Item): Attributes => {
  const request = isFields(data.request) ? data.request : {}
  const { trace_id: _, span_id: __, ...custom } = isFields(data.custom) ? data.custom : {}
  const facts = {
    uuid,
    'person id': person,
    environment,
    code_version: data.code_version,
    platform: data.platform,
    framework: data.framework,
    context: data.context,
    'request method': request.method,
    'request url': request.url,
    ...custom,
  }
  return Object.fromEntries(
    Object.entries(facts).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  ) as Attributes
}
