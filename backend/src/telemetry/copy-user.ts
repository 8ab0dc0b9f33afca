import { attr, serviceName, userIdKey } from '@cruddur/shared/telemetry'
import { type Context, trace } from '@opentelemetry/api'
import type { Span, SpanProcessor } from '@opentelemetry/sdk-trace'

/** Copies the user of the request's span to the spans of the use cases below it. */
export class CopyUser implements SpanProcessor {
  onStart(span: Span, parent: Context): void {
    if (span.instrumentationScope.name !== serviceName.backend) return
    const { attributes = {} } = (trace.getSpan(parent) ?? {}) as Partial<Span>
    for (const key of [attr.userId, userIdKey]) {
      const user = attributes[key]
      if (user !== undefined) span.setAttribute(key, user)
    }
  }

  onEnd(): void {}
  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}
