import { browserAttr } from '@cruddur/shared/telemetry'
import type { Attributes, Span } from '@opentelemetry/api'
import type { SpanProcessor } from '@opentelemetry/sdk-trace-web'

let userId: string | null = null
let route: string | null = null

export const setUser = (id: string | null): void => {
  userId = id
}

export const currentRoute = (): string | null => route

/** Returns whether the route is a new one. */
export const changeRoute = (template: string): boolean => {
  const changed = route !== template
  route = template
  return changed
}

/** Puts the visit, the user and the route on every span. */
export class PageAttributes implements SpanProcessor {
  readonly #sessionId: () => string
  constructor(sessionId: () => string) {
    this.#sessionId = sessionId
    // The first read of the tab's storage takes milliseconds, which no click should pay for.
    sessionId()
  }

  onStart(span: Span): void {
    const attributes: Attributes = { [browserAttr.sessionId]: this.#sessionId() }
    if (userId) attributes[browserAttr.userId] = userId
    if (route) attributes[browserAttr.pageRoute] = route
    span.setAttributes(attributes)
  }

  onEnd(): void {}
  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}
