import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-web'
import { fetchScope } from './fetch-spans.ts'
import { interactionScope } from './interaction.ts'

const remembered = 20
const told = new Set([fetchScope, interactionScope])
let recent: ReadableSpan[] = []

/** The last actions and requests, oldest first: what a fault is to be told with. */
export const recentSpans = (): readonly ReadableSpan[] => recent

export class RecentSpans implements SpanProcessor {
  onStart(span: unknown): void {
    const started = span as ReadableSpan
    if (told.has(started.instrumentationScope.name)) recent = [...recent.slice(1 - remembered), started]
  }

  onEnd(): void {}
  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}
