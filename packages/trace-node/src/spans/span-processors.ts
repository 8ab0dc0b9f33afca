import { attr, userIdKey } from '@cruddur/wire/names'
import { type Context, SpanKind, trace } from '@opentelemetry/api'
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace'
import { scrubText, shortened, withoutQuery } from '../scrub.ts'

/** A processor that only looks at spans that have ended. */
export const onSpanEnd = (onEnd: (span: ReadableSpan) => void): SpanProcessor => ({
  onStart: () => {},
  onEnd,
  forceFlush: async () => {},
  shutdown: async () => {},
})

/** The tracers of use cases, by name. */
export const useCaseTracers = new Set<string>()

/** Copies the user of the request's span to the spans of the use cases below it. */
export const copyUser: SpanProcessor = {
  ...onSpanEnd(() => {}),
  onStart: (span: Span, parent: Context) => {
    if (!useCaseTracers.has(span.instrumentationScope.name)) return
    const { attributes = {} } = (trace.getSpan(parent) ?? {}) as Partial<Span>
    for (const key of [attr.userId, userIdKey]) {
      const user = attributes[key]
      if (user !== undefined) span.setAttribute(key, user)
    }
  },
}

const chosenByClient = ['url.path', 'user_agent.original', 'server.address']
const clientAddress = ['client.address', 'client.port', 'network.peer.address', 'network.peer.port']

/** Removes query strings and client addresses from HTTP spans, and shortens text that a client chooses. */
export const redactRequests = ({ keepsClientAddress }: { keepsClientAddress: boolean }): SpanProcessor =>
  onSpanEnd(({ attributes, kind }) => {
    // Query strings carry tokens and names.
    delete attributes['url.query']
    const url = attributes['url.full']
    if (typeof url === 'string') attributes['url.full'] = withoutQuery(url)
    if (kind !== SpanKind.SERVER) return
    if (!keepsClientAddress) for (const key of clientAddress) delete attributes[key]
    for (const key of chosenByClient) {
      const text = attributes[key]
      if (typeof text === 'string') attributes[key] = shortened(text)
    }
  })

/** Error messages quote the input that caused them. */
export const scrubErrors = onSpanEnd(({ status, events }) => {
  if (status.message) status.message = scrubText(status.message)
  for (const { attributes } of events) {
    for (const key of ['exception.message', 'exception.stacktrace']) {
      const text = attributes?.[key]
      if (attributes && typeof text === 'string') attributes[key] = scrubText(text)
    }
  }
})
