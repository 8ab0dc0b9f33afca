import { type Context, ROOT_CONTEXT } from '@opentelemetry/api'
import { PageContextManager } from '#context'
import { type Interaction, interactionOf } from './interaction.ts'

let page: Interaction | undefined

/** The latest load of the page, or its return from the back/forward cache. */
export const currentPage = (): Interaction | undefined => page

/** Work that belongs to no interaction belongs to the load or return, while that lasts. */
export const setCurrentPage = (interaction: Interaction): void => {
  page = interaction
}

/** Timers keep the context of a click forever, so a finished interaction no longer counts as a parent. */
export class LiveContextManager extends PageContextManager {
  override active(): Context {
    const current = super.active()
    const interaction = interactionOf(current)
    if (interaction) return interaction.isLive() ? current : ROOT_CONTEXT
    if (current !== ROOT_CONTEXT) return current
    return page?.isLive() ? page.context : ROOT_CONTEXT
  }
}
