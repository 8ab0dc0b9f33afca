import { QueryClient } from '@tanstack/react-query'
import { ApiError } from './api-error.ts'

const isWorthAnotherTry = (failures: number, error: unknown): boolean =>
  failures < 1 && error instanceof ApiError && ['unreachable', 'internal'].includes(error.code)

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
        refetchOnReconnect: true,
        refetchOnWindowFocus: false,
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  })
