import { traceLink } from '@cruddur/shared/health'
import { useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { call } from '../api/call.ts'
import { queryKeys } from '../api/query-keys.ts'
import { isTraceKept } from '../telemetry/index.ts'
import { type TraceOfInterest, traceUrl } from './action-words.ts'

/** No link to a trace that sampling leaves out. */
export const useTraceUrl = (): ((trace: TraceOfInterest) => string | null) => {
  const { data } = useQuery({
    queryKey: queryKeys.traceLink,
    queryFn: ({ signal }) => call(traceLink, {}, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    meta: { isSameForAll: true },
  })
  const template = data?.template
  return useCallback((trace) => (isTraceKept(trace.traceId) ? traceUrl(template, trace) : null), [template])
}
