import { browserAttr } from '@cruddur/wire/names'
import type { Context } from '@opentelemetry/api'
import type { ReadableSpan, SpanProcessor } from '#sdk'
import { fetchScope } from './fetch-spans.ts'
import { interactionOf, interactionScope } from './interaction.ts'

const maxSpans = 20
const typingEvents = new Set<unknown>(['keydown', 'input'])
const withRequests = new WeakSet<object>()
let recent: ReadableSpan[] = []

/** A key press counts only when it caused a request. */
const isAction = (span: ReadableSpan): boolean =>
  !typingEvents.has(span.attributes[browserAttr.interactionType]) || withRequests.has(span)

const remember = (span: ReadableSpan): void => {
  recent = [...recent.filter((known) => known !== span && isAction(known)), span].slice(-maxSpans)
}

/** The last actions and requests, oldest first, for the report of a fault. */
export const recentSpans = (): readonly ReadableSpan[] => recent.filter(isAction)

export class RecentSpans implements SpanProcessor {
  onStart(started: object, parent: Context): void {
    const span = started as ReadableSpan
    if (span.instrumentationScope.name === interactionScope) remember(span)
    if (span.instrumentationScope.name !== fetchScope) return
    const cause = interactionOf(parent)?.span as unknown as ReadableSpan | undefined
    if (cause) {
      withRequests.add(cause)
      if (!recent.includes(cause)) remember(cause)
    }
    remember(span)
  }

  onEnd(): void {}
  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}
