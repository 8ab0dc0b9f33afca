import { focusManager, onlineManager, QueryClient, timeoutManager } from '@tanstack/react-query'
import { inBackground } from '../telemetry/index.ts'
import { isApiError } from './api-error.ts'

const shouldRetry = (failures: number, error: unknown): boolean =>
  failures < 1 && isApiError(error, 'unreachable', 'internal')

const askAgainSeconds = 4

/** While the server is away, failed queries keep asking. */
const askUntilBack = (error: unknown): number | false =>
  isApiError(error, 'unavailable', 'unreachable')
    ? 1_000 * Math.min(error.retryAfterSeconds ?? askAgainSeconds, askAgainSeconds)
    : false

// A window beside another one gets the focus without a change of visibility.
focusManager.setEventListener((handle) => {
  const listener = () => inBackground('page focus', handle)
  addEventListener('visibilitychange', listener)
  addEventListener('focus', listener)
  return () => {
    removeEventListener('visibilitychange', listener)
    removeEventListener('focus', listener)
  }
})

onlineManager.setEventListener((set) => {
  const online = () => inBackground('page reconnect', () => set(true))
  const offline = () => set(false)
  addEventListener('online', online)
  addEventListener('offline', offline)
  return () => {
    removeEventListener('online', online)
    removeEventListener('offline', offline)
  }
})

// TanStack Query uses intervals only to poll.
timeoutManager.setTimeoutProvider({
  setTimeout: (run, ms) => window.setTimeout(run, ms),
  clearTimeout: (timer) => window.clearTimeout(timer),
  setInterval: (run, ms) => window.setInterval(() => inBackground('page poll', run), ms),
  clearInterval: (timer) => window.clearInterval(timer),
})

export const createQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        retry: shouldRetry,
        retryDelay: 600,
        staleTime: 30_000,
        gcTime: 10 * 60_000,
        // Offline, a query fails at once, so the page can say so.
        networkMode: 'always',
        refetchInterval: ({ state }) => askUntilBack(state.error),
        refetchOnReconnect: true,
        refetchOnWindowFocus: false,
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  })
