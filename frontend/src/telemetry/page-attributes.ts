import { browserAttr } from '@cruddur/shared/telemetry'
import type { Attributes, Span } from '@opentelemetry/api'
import type { SpanProcessor } from '@opentelemetry/sdk-trace-web'

let userId: string | null = null
let route: string | null = null

export const setUser = (id: string | null): void => {
  userId = id
}

export const currentRoute = (): string | null => route

/** Gives back whether the route is another one than before. */
export const changeRoute = (template: string): boolean => {
  const changed = route !== template
  route = template
  return changed
}

/** Who, where and in which visit: on every span of the page. */
export class PageAttributes implements SpanProcessor {
  readonly #sessionId: () => string
  constructor(sessionId: () => string) {
    this.#sessionId = sessionId
    // The first look into the tab's storage takes milliseconds: not on somebody's click.
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
