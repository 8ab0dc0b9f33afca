import type Rollbar from 'rollbar'
import { recordFault } from './faults.ts'
import { rollbarToken } from './rollbar-settings.ts'

/**
 * What the page hands to Rollbar's `Provider`, once, for the package itself is not needed to draw a page. `Provider` takes no
 * instance without a token for one; `ErrorBoundary` calls `error`, and what came out of it would tear down the whole page.
 */
export const rollbar = {
  options: { accessToken: rollbarToken ?? 'disabled', enabled: rollbarToken !== null },
  error: (thrown: unknown, { componentStack }: { componentStack?: string } = {}) => {
    try {
      recordFault(thrown, 'render', { componentStack })
    } catch {}
    return {}
  },
} as unknown as Rollbar
