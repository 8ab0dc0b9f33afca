import { type Context, context, ROOT_CONTEXT } from '@opentelemetry/api'
import { ZoneContextManager } from '@opentelemetry/context-zone'
import { type Interaction, interactionOf } from './interaction.ts'

let page: Interaction | undefined

/** The last load of the page, or its return from the back/forward cache. */
export const currentPage = (): Interaction | undefined => page

/** What belongs to no interaction belongs to the page's load or return, for as long as that lasts. */
export const adoptByPage = (interaction: Interaction): void => {
  page = interaction
}

/** Zones keep a click's context for ever in the timers that it started; an interaction that is over is no parent any more. */
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
