import { browserAttr } from '@cruddur/wire/names'
import { type Attributes, context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api'
import type { SpanProcessor } from '@opentelemetry/sdk-trace-web'
import { interactionOf } from './interaction.ts'
import type { Visit } from './session.ts'

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
  readonly #visit: () => Visit
  constructor(visit: () => Visit) {
    this.#visit = visit
    // The first read of the tab's storage takes milliseconds, which no click should pay for.
    visit()
  }

  onStart(span: Span): void {
    const visit = this.#visit()
    const attributes: Attributes = {}
    if (visit.id) attributes[browserAttr.sessionId] = visit.id
    // Only the first spans of a visit. A span that has ended by then goes without.
    else
      void visit.named?.then(() => visit.id && span.isRecording() && span.setAttribute(browserAttr.sessionId, visit.id))
    if (userId) attributes[browserAttr.userId] = userId
    if (route) attributes[browserAttr.pageRoute] = route
    span.setAttributes(attributes)
  }

  onEnd(): void {}
  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}
