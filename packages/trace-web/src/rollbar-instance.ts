import type Rollbar from 'rollbar'
import { recordFault } from './faults.ts'
import { pageOptions } from './options.ts'

const token = pageOptions().rollbar?.token ?? null

/**
 * The instance for `@rollbar/react`, without the package, which the first paint does not need. `Provider` refuses an
 * instance without a token. `ErrorBoundary` calls `error`, and an error thrown there would unmount the whole page.
 */
export const rollbar = {
  options: { accessToken: token ?? 'disabled', enabled: token !== null },
  error: (thrown: unknown, { componentStack }: { componentStack?: string } = {}) => {
    try {
      recordFault(thrown, 'render', { componentStack })
    } catch {}
    return {}
  },
} as unknown as Rollbar
