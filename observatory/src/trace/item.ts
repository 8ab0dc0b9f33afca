/** A Rollbar item: the important fields, and all of its data as it was sent. */
export type Item = {
  uuid: string
  traceId: string | null
  spanId: string | null
  timeMs: number
  level: string
  /** The class of the exception; null for a message. */
  class: string | null
  message: string
  environment: string
  person: string | null
  data: Fields
}

export type Fields = Record<string, unknown>
type Frame = { filename?: string; lineno?: number; colno?: number; method?: string }
export type Exception = { class: string; message: string; frames: Frame[] }

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const fieldsIn = (value: unknown): Fields => (isFields(value) ? value : {})
export const textIn = (value: unknown): string | null =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null

/** The chain of exceptions, in the order of the item. */
export const exceptionsOf = (data: Fields): Exception[] => {
  const { trace, trace_chain: chain } = fieldsIn(data.body)
  const traces = Array.isArray(chain) ? chain : trace === undefined ? [] : [trace]
  return traces.filter(isFields).map(({ exception, frames }) => {
    const { class: name, message, description } = fieldsIn(exception)
    return {
      class: textIn(name) ?? 'Error',
      message: textIn(message) ?? textIn(description) ?? '',
      frames: (Array.isArray(frames) ? frames : []).filter(isFields) as Frame[],
    }
  })
}

export const itemOf = (data: Fields, uuid: string, receivedMs: number): Item => {
  const body = fieldsIn(data.body)
  const [exception] = exceptionsOf(data)
  const seconds = typeof data.timestamp === 'number' ? data.timestamp : null
  return {
    uuid,
    traceId: idIn(data, ['trace_id', 'opentracing_trace_id'], /^(?!0+$)[0-9a-f]{32}$/i),
    spanId: idIn(data, ['span_id', 'opentracing_span_id'], /^(?!0+$)[0-9a-f]{16}$/i),
    timeMs: seconds === null ? receivedMs : seconds * 1000,
    level: textIn(data.level) ?? 'error',
    class: exception?.class ?? null,
    message: exception?.message ?? textIn(fieldsIn(body.message).body) ?? textIn(data.title) ?? '',
    environment: textIn(data.environment) ?? '',
    person: textIn(fieldsIn(data.person).id),
    data,
  }
}

/** Both SDKs send `custom`. The server's also copies it to the top, the page's beside the frames. */
const idIn = (data: Fields, names: readonly string[], form: RegExp): string | null => {
  const body = fieldsIn(data.body)
  const chain = Array.isArray(body.trace_chain) ? body.trace_chain : []
  const places = [data.custom, data, ...[body.trace, body.message, ...chain].map((part) => fieldsIn(part).extra)]
  for (const place of places.map(fieldsIn)) {
    for (const name of names) {
      const id = place[name]
      if (typeof id === 'string' && form.test(id)) return id.toLowerCase()
    }
  }
  return null
}
