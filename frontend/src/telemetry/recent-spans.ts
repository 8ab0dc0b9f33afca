import { browserAttr } from '@cruddur/shared/telemetry'
import type { Context } from '@opentelemetry/api'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-web'
import { fetchScope } from './fetch-spans.ts'
import { interactionOf, interactionScope } from './interaction.ts'

const remembered = 20
const typing = new Set<unknown>(['keydown', 'input'])
const causes = new WeakSet<object>()
let recent: ReadableSpan[] = []

/** A key is an action only when something was asked for because of it. */
const isAction = (span: ReadableSpan): boolean =>
  !typing.has(span.attributes[browserAttr.interactionType]) || causes.has(span)

const remember = (span: ReadableSpan): void => {
  recent = [...recent.filter((known) => known !== span && isAction(known)), span].slice(-remembered)
}

/** The last actions and requests, oldest first: what a fault is to be told with. */
export const recentSpans = (): readonly ReadableSpan[] => recent.filter(isAction)

export class RecentSpans implements SpanProcessor {
  onStart(started: object, parent: Context): void {
    const span = started as ReadableSpan
    if (span.instrumentationScope.name === interactionScope) remember(span)
    if (span.instrumentationScope.name !== fetchScope) return
    const cause = interactionOf(parent)?.span as unknown as ReadableSpan | undefined
    if (cause) {
      causes.add(cause)
      if (!recent.includes(cause)) remember(cause)
    }
    remember(span)
  }

  onEnd(): void {}
  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}
