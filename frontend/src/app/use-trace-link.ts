import { traceLink } from '@cruddur/shared/health'
import { useQuery } from '@tanstack/react-query'
import { call } from '../api/call.ts'
import type { Action } from '../telemetry/index.ts'
import { traceUrl } from './action-words.ts'

export const useTraceUrl = (): ((action: Action) => string | null) => {
  const { data } = useQuery({
    queryKey: ['trace-link'],
    queryFn: ({ signal }) => call(traceLink, {}, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    meta: { isSameForAll: true },
  })
  return (action) => traceUrl(data?.template, action)
}
