import { browserAttr } from '@cruddur/wire/names'
import { type Attributes, context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api'
import type { SpanProcessor } from '#sdk'
import { interactionOf } from './interaction.ts'
import { page } from './page.ts'
import { openSession, type Visit } from './session.ts'

export const setUser = (id: string | null): void => {
  page.userId = id
}

export const currentRoute = (): string | null => page.route

/** Takes the route's template, `/crud/:uuid`, never the address itself. Names the load or navigation that led there. */
export const setRoute = (template: string): void => {
  if (page.route === template) return
  page.route = template
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
  constructor(visit: () => Visit = openSession()) {
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
    if (page.userId) attributes[browserAttr.userId] = page.userId
    if (page.route) attributes[browserAttr.pageRoute] = page.route
    span.setAttributes(attributes)
  }

  onEnd(): void {}
  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}
