import '#context'
import { carryThroughReactScheduler } from './carry-context.ts'
import type { PageOptions } from './options.ts'
import { startPage as startAnyPage } from './start.ts'

/** For a page that is drawn by React, whose scheduler would lose the context. Call it before React is imported. */
export const startPage = (options: PageOptions): void => startAnyPage(options, carryThroughReactScheduler)
