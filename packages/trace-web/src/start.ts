import '#context'
import type { PageOptions } from './options.ts'
import { page } from './page.ts'
import { startTracer } from './tracer.ts'

/** Call it before anything else runs in the page. `more` starts with it, if the page does not trace already. */
export const startPage = (options: PageOptions, more = () => {}): void => {
  if (page.isStarted) return
  page.isStarted = true
  try {
    startTracer(options)
    more()
  } catch {
    // The page works without telemetry.
  }
}
