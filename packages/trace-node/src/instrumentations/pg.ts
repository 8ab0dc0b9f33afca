import {
  type Attributes,
  type Context,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { PgInstrumentation, type PgInstrumentationConfig } from '@opentelemetry/instrumentation-pg'
import { summaryOf } from '../spans/sql-names.ts'
import { startSpan } from './start-span.ts'

type Callback = (this: unknown, error: (Error & { code?: string }) | null, ...results: unknown[]) => unknown
type Method = (this: never, ...args: never[]) => unknown
type Place = { readonly database?: string; readonly host?: string; readonly port?: number }
type Client = { readonly connectionParameters: Place }
type Asked = { readonly text?: unknown; readonly name?: unknown }
/** A cursor, a stream of rows or of COPY, or a `Query`: pg calls its methods with what the database answers. */
type Submittable = Record<string, Handle> & { readonly text: string; readonly name?: string }
type Handle = (this: unknown, ...args: unknown[]) => unknown
type Pool = { readonly options: Place & Readonly<Record<string, unknown>> & { readonly connectionString?: string } }

/** The methods of the stock instrumentation that make its spans. */
type Patches = {
  tracer: Tracer
  _getClientQueryPatch(): (original: Method) => Method
  _getPoolConnectPatch(): (original: Method) => Method
}
const Stock = PgInstrumentation as unknown as new (
  ...config: ConstructorParameters<typeof PgInstrumentation>
) => Pick<PgInstrumentation, keyof PgInstrumentation> & Patches

/** The spans of the stock instrumentation, and those of cursors and streams, which it starts but never ends. */
export class StreamingPgInstrumentation extends Stock {
  override _getClientQueryPatch(): (original: Method) => Method {
    const stock = super._getClientQueryPatch()
    const start = (name: string, attributes: Attributes) => startSpan(this.tracer, name, SpanKind.CLIENT, attributes)
    return (original) => {
      const usual = stock(original)
      return function (this: Client, ...args: unknown[]) {
        const active = context.active()
        const [asked] = args
        if (!isSubmittable(asked) || typeof args.at(-1) === 'function' || !trace.getSpan(active)) {
          return usual.apply(this as never, args as never[])
        }
        const { text, name } = asked
        const span = start(summaryOf(text), { ...attributesOfQuery(this, text), 'db.postgresql.plan': name })
        follow(asked, span, active)
        return ending(span, () => original.apply(this as never, args as never[]))
      } as Method
    }
  }
}

const isSubmittable = (asked: unknown): asked is Submittable => {
  const { submit, text, callback } = (asked ?? {}) as Partial<Submittable>
  return typeof submit === 'function' && typeof text === 'string' && typeof callback !== 'function'
}

const answers = ['RowDescription', 'DataRow', 'PortalSuspended', 'CommandComplete', 'EmptyQuery', 'CopyInResponse']
const handlers = [...answers, 'CopyData', 'Error', 'ReadyForQuery'].map((answer) => `handle${answer}`)

/** Ends the span with the last answer, and runs the listeners of each answer in the context of the call. */
const follow = (asked: Submittable, span: Span, active: Context): void => {
  for (const name of handlers) {
    const handle = asked[name]
    if (typeof handle !== 'function') continue
    asked[name] = function (...args) {
      if (name === 'handleError') fail(span, args[0])
      if (name === 'handleError' || name === 'handleReadyForQuery') span.end()
      return context.with(active, () => handle.apply(this, args))
    }
  }
}

/**
 * The spans of the stock instrumentation, for calls with a callback, which a pool makes for each query. The stock one
 * also prepares a measurement and parses the address of the database each time. All other calls go to it.
 */
export class LeanPgInstrumentation extends StreamingPgInstrumentation {
  override _getClientQueryPatch(): (original: Method) => Method {
    const stock = super._getClientQueryPatch()
    const start = (name: string, attributes: Attributes) => startSpan(this.tracer, name, SpanKind.CLIENT, attributes)
    return (original) => {
      const usual = stock(original)
      return function (this: Client, ...args: unknown[]) {
        const active = context.active()
        const [asked] = args
        const callback = args.at(-1)
        const { text, name }: Asked = typeof asked === 'string' ? { text: asked } : (asked ?? {})
        if (
          !trace.getSpan(active) ||
          typeof callback !== 'function' ||
          typeof text !== 'string' ||
          text === '' ||
          name !== undefined
        ) {
          return usual.apply(this as never, args as never[])
        }
        const span = start(summaryOf(text), attributesOfQuery(this, text))
        args[args.length - 1] = endingAt(span, active, callback as Callback)
        return ending(span, () => original.apply(this as never, args as never[]))
      } as Method
    }
  }

  override _getPoolConnectPatch(): (original: Method) => Method {
    const stock = super._getPoolConnectPatch()
    const start = (attributes: Attributes) => startSpan(this.tracer, 'pg-pool.connect', SpanKind.CLIENT, attributes)
    return (original) => {
      const usual = stock(original)
      return function (this: Pool, callback?: Callback) {
        const active = context.active()
        if (!callback || !trace.getSpan(active)) return usual.call(this as never, callback as never)
        const span = start(attributesOf(this))
        // A new connection may ask queries of its own, such as SET, while it opens.
        return context.with(trace.setSpan(active, span), () =>
          original.call(this as never, endingAt(span, active, callback) as never),
        )
      } as Method
    }
  }
}

const attributesOfQuery = ({ connectionParameters }: Client, text: string): Attributes => {
  const { database, host, port } = connectionParameters
  return {
    'db.system.name': 'postgresql',
    'db.namespace': database,
    'server.address': host,
    'server.port': Number.isInteger(port) ? port : undefined,
    'db.query.text': text,
    'db.query.summary': summaryOf(text),
  }
}

/** Ends the span if the call fails at once. */
const ending = <Result>(span: Span, call: () => Result): Result => {
  try {
    return call()
  } catch (error) {
    fail(span, error)
    span.end()
    throw error
  }
}

/** Ends the span, and runs the callback in the context of the call. */
const endingAt = (span: Span, active: Context, callback: Callback): Callback =>
  function (error, ...results) {
    if (error) fail(span, error)
    span.end()
    return context.with(active, callback, this, error, ...results)
  }

const fail = (span: Span, error: unknown): void => {
  const { name, code, message } = error as Error & { code?: string }
  if (error instanceof Error) {
    span.recordException(`PostgreSQL error of type '${name}' occurred (code: ${code ?? 'UNKNOWN'})`)
  }
  span.setStatus({ code: SpanStatusCode.ERROR, message })
}

const known = new WeakMap<object, Attributes>()

const attributesOf = ({ options }: Pool): Attributes => {
  const found = known.get(options)
  if (found) return found
  const { connectionString = '' } = options
  const url = URL.canParse(connectionString) ? new URL(connectionString) : undefined
  const attributes = {
    'db.postgresql.idle.timeout.millis': options.idleTimeoutMillis as number,
    'db.postgresql.max.client': options.maxClient as number,
    'db.system.name': 'postgresql',
    'db.namespace': url?.pathname.slice(1) ?? options.database,
    'server.address': url?.hostname ?? options.host,
    'server.port': Number(url?.port) || (Number.isInteger(options.port) ? options.port : undefined),
  }
  known.set(options, attributes)
  return attributes
}

export const pgOptions = {
  requireParentSpan: true,
  requestHook: (span, { query }) => {
    const summary = summaryOf(query.text)
    span.updateName(summary).setAttribute('db.query.summary', summary)
  },
} satisfies PgInstrumentationConfig
