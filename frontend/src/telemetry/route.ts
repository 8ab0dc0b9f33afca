import { browserAttr } from '@cruddur/shared/telemetry'
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { interactionOf } from './interaction.ts'
import { changeRoute } from './page-attributes.ts'

/** Takes the route's template, `/crud/:uuid`, never the address itself. */
export const setRoute = (template: string): void => {
  if (!changeRoute(template)) return
  const cause = interactionOf(context.active())
  if (!cause) {
    trace.getTracer('route').startSpan(`navigate ${template}`, {}, ROOT_CONTEXT).end()
    return
  }
  cause.span.setAttribute(browserAttr.pageRoute, template)
  if (cause.type === 'load') cause.rename(`load ${template}`)
  if (cause.type === 'popstate') cause.rename(`navigate ${template}`)
}
