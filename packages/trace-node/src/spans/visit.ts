import { browserAttr, visitHeader } from '@cruddur/wire/names'
import { visitIdOf } from '@cruddur/wire/visit'
import { type Context, context, createContextKey, type TextMapGetter, type TextMapPropagator } from '@opentelemetry/api'
import type { Span, SpanProcessor } from '@opentelemetry/sdk-trace'
import { onSpanEnd } from './span-processors.ts'

const visitKey = createContextKey('@cruddur/trace-node visit')

/** The visit of the page that sent the current request, if its header proves one. */
export const currentVisitId = (of: Context = context.active()): string | undefined =>
  of.getValue(visitKey) as string | undefined

export const withVisitId = (of: Context, id: unknown): Context =>
  typeof id === 'string' ? of.setValue(visitKey, id) : of

/** Reads the visit from a request's header. Sends nothing: the secret is for the server that the page talks to. */
export class VisitPropagator implements TextMapPropagator {
  inject(): void {}

  extract(of: Context, carrier: unknown, getter: TextMapGetter): Context {
    return withVisitId(of, visitIdOf(getter.get(carrier, visitHeader)))
  }

  fields(): string[] {
    return []
  }
}

/** Puts the visit on the request's span and on every span below it. */
export const copyVisit: SpanProcessor = {
  ...onSpanEnd(() => {}),
  onStart: (span: Span, parent: Context) => {
    const id = currentVisitId(parent)
    if (id !== undefined) span.setAttribute(browserAttr.sessionId, id)
  },
}
