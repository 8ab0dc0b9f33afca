import type { SpanProcessor } from '@opentelemetry/sdk-trace-web'

/** Spans start and end inside the page's own calls: whatever goes wrong here must not come out there. */
export const guarded = (processor: SpanProcessor): SpanProcessor => ({
  onStart: (span, context) => safely(() => processor.onStart(span, context)),
  onEnd: (span) => safely(() => processor.onEnd(span)),
  forceFlush: () => processor.forceFlush(),
  shutdown: () => processor.shutdown(),
})

const safely = (run: () => void): void => {
  try {
    run()
  } catch {
    // Telemetry may be incomplete, the page may not.
  }
}
