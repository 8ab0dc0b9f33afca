import { type Context, context, ROOT_CONTEXT } from '@opentelemetry/api'
import { ZoneContextManager } from '@opentelemetry/context-zone'
import { type Interaction, interactionOf } from './interaction.ts'

let page: Interaction | undefined

/** The latest load of the page, or its return from the back/forward cache. */
export const currentPage = (): Interaction | undefined => page

/** Work that belongs to no interaction belongs to the load or return, while that lasts. */
export const setCurrentPage = (interaction: Interaction): void => {
  page = interaction
}

/** Zones keep the context of a click in its timers forever, so a finished interaction no longer counts as a parent. */
export class LiveContextManager extends ZoneContextManager {
  override active(): Context {
    const current = super.active()
    const interaction = interactionOf(current)
    if (interaction) return interaction.isLive() ? current : ROOT_CONTEXT
    if (current !== ROOT_CONTEXT) return current
    return page?.isLive() ? page.context : ROOT_CONTEXT
  }
}

// biome-ignore lint/suspicious/noExplicitAny: any function, given back with its own type
export const bindToActive = <Fn extends (...args: any[]) => unknown>(fn: Fn): Fn => {
  const active = context.active()
  return active === ROOT_CONTEXT ? fn : context.bind(active, fn)
}
