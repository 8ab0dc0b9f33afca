import { browserAttr } from '@cruddur/wire/names'
import { type Attributes, context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api'
import type { SpanProcessor } from '@opentelemetry/sdk-trace-web'
import { interactionOf } from './interaction.ts'

let userId: string | null = null
let route: string | null = null

export const setUser = (id: string | null): void => {
  userId = id
}

export const currentRoute = (): string | null => route

/** Takes the route's template, `/crud/:uuid`, never the address itself. Names the load or navigation that led there. */
export const setRoute = (template: string): void => {
  if (route === template) return
  route = template
  const cause = interactionOf(context.active())
  if (!cause) {
    trace.getTracer('route').startSpan(`navigate ${template}`, {}, ROOT_CONTEXT).end()
    return
  }
  cause.span.setAttribute(browserAttr.pageRoute, template)
  if (cause.type === 'load') cause.rename(`load ${template}`)
  if (cause.type === 'popstate') cause.rename(`navigate ${template}`)
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
