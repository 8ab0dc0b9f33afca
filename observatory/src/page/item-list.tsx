import { exceptionsOf, type Frame, type Item, isFields } from '../trace/item.ts'
import type { Attributes, Trace } from '../trace/span.ts'
import { AttributeTable } from './attribute-table.tsx'
import { clockTime } from './format.ts'
import { SignalEmpty, SignalSection, TurnedAway } from './signal-section.tsx'
import { SpanChip } from './span-chip.tsx'

type Given = { trace: Trace; onShow: (spanId: string) => void }

export const ItemList = ({ trace, onShow }: Given) => (
  <SignalSection id="rollbar" name="Rollbar" count={trace.items.length}>
    {trace.items.length === 0 && (
      <SignalEmpty>
        Only faults are reported: answers of 500 and above, and errors that nobody caught. In this trace there was none
        {trace.window.items === 0 &&
          ', and none has come from anybody else: ROLLBAR_ENDPOINT and VITE_ROLLBAR_ENDPOINT say where they go'}
        .
        <TurnedAway trace={trace} vendor="rollbar" />
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
        <Exceptions item={item} />
        <AttributeTable attributes={factsOf(item)} />
      </article>
    ))}
  </SignalSection>
)

const isSerious = ({ level }: Item): boolean => level === 'error' || level === 'critical'

const Exceptions = ({ item }: { item: Item }) =>
  exceptionsOf(item.data).map((exception, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: exceptions have no id and never move
    <div key={at} className="exception">
      {at > 0 && (
        <p>
          because of <b>{exception.class}</b> {exception.message}
        </p>
      )}
      <ol className="frames">
        {exception.frames.toReversed().map((frame, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: frames have no id and never move
          <li key={place} className={isOwn(frame) ? '' : 'is-foreign'}>
            <b>{frame.method || '(anonymous)'}</b> <code>{placeOf(frame)}</code>
          </li>
        ))}
      </ol>
    </div>
  ))

const isOwn = ({ filename = '' }: Frame): boolean => !/node_modules|^node:/.test(filename)

const placeOf = ({ filename, lineno, colno }: Frame): string =>
  [filename, lineno, colno].filter((part) => part !== undefined && part !== null).join(':')

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
