import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'

type Pipeline = { readonly accept: (spans: readonly ReadableSpan[]) => void; readonly shutdown: () => Promise<void> }

let open: Pipeline | undefined

/** Queues apart from the server's own: a flood from browsers pushes out browsers' spans only. */
export const openBrowserPipeline = (
  processors: readonly SpanProcessor[],
  isSampled: (traceId: string) => boolean,
): Pipeline => {
  open = {
    accept: (spans) => {
      for (const span of spans.filter((span) => isSampled(span.spanContext().traceId))) {
        for (const processor of processors) processor.onEnd(span)
      }
    },
    shutdown: async () => {
      await Promise.allSettled(processors.map((processor) => processor.shutdown()))
    },
  }
  return open
}

export const acceptBrowserSpans = (spans: readonly ReadableSpan[]): void => open?.accept(spans)
