import { focusManager, onlineManager, QueryClient, timeoutManager } from '@tanstack/react-query'
import { inBackground } from '../telemetry/index.ts'
import { isApiError } from './api-error.ts'

const isWorthAnotherTry = (failures: number, error: unknown): boolean =>
  failures < 1 && isApiError(error, 'unreachable', 'internal')

const askAgainSeconds = 4

/** A server that is away is asked until it is back, by everybody who waits for it. */
const untilItIsBack = (error: unknown): number | false =>
  isApiError(error, 'unavailable', 'unreachable')
    ? 1_000 * Math.min(error.retryAfterSeconds ?? askAgainSeconds, askAgainSeconds)
    : false

// A window beside another one is looked at again without having been hidden.
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

// A query uses an interval for one thing: to ask again.
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
        retry: isWorthAnotherTry,
        retryDelay: 600,
        staleTime: 30_000,
        gcTime: 10 * 60_000,
        // Being offline is an answer that the page can show; waiting in silence is not.
        networkMode: 'always',
        refetchInterval: ({ state }) => untilItIsBack(state.error),
        refetchOnReconnect: true,
        refetchOnWindowFocus: false,
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  })
