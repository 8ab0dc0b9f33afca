import type { SpanProcessor } from '@opentelemetry/sdk-trace-web'

/** Spans start and end inside the page's own calls, which an error of the telemetry must not break. */
export const withoutThrowing = (processor: SpanProcessor): SpanProcessor => ({
  onStart: (span, context) => ignoringErrors(() => processor.onStart(span, context)),
  onEnd: (span) => ignoringErrors(() => processor.onEnd(span)),
  forceFlush: () => processor.forceFlush(),
  shutdown: () => processor.shutdown(),
})

const ignoringErrors = (run: () => void): void => {
  try {
    run()
  } catch {}
}
