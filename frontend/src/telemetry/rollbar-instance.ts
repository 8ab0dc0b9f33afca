import type Rollbar from 'rollbar'
import { rollbarToken } from './cruddur.ts'
import { recordFault } from './faults.ts'

/**
 * The instance for `@rollbar/react`, without the package, which the first paint does not need. `Provider` refuses an
 * instance without a token. `ErrorBoundary` calls `error`, and an error thrown there would unmount the whole page.
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
