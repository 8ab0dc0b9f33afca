import type { Attributes, Context, Span, SpanKind, Tracer } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'

const limits = /^OTEL_(SPAN_)?ATTRIBUTE_\w+_LIMIT$/
let areLimited: boolean | undefined

/**
 * Starts a span with attributes that are texts and numbers of our own. The SDK would copy and check all of them twice, and
 * make a set for each value; only limits from the environment need that.
 */
export const startSpan = (
  tracer: Tracer,
  name: string,
  kind: SpanKind,
  attributes: Attributes,
  parent?: Context,
): Span => {
  areLimited ??= Object.keys(process.env).some((variable) => limits.test(variable))
  if (areLimited) return tracer.startSpan(name, { kind, attributes }, parent)
  const span = tracer.startSpan(name, { kind }, parent)
  const { attributes: own } = span as Span & Partial<ReadableSpan>
  if (!own) return span
  for (const key in attributes) {
    const value = attributes[key]
    if (value !== undefined) own[key] = value
  }
  return span
}
