import { type Context, ROOT_CONTEXT } from '@opentelemetry/api'
import { PageContextManager } from '#context'
import { interactionOf } from './interaction.ts'
import { currentPage } from './page-loads.ts'

/** Timers keep the context of a click forever, so a finished interaction no longer counts as a parent. */
export class LiveContextManager extends PageContextManager {
  override active(): Context {
    const current = super.active()
    const interaction = interactionOf(current)
    if (interaction) return interaction.isLive() ? current : ROOT_CONTEXT
    if (current !== ROOT_CONTEXT) return current
    const page = currentPage()
    return page?.isLive() ? page.context : ROOT_CONTEXT
  }
}
