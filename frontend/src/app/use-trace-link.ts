import { traceLink } from '@cruddur/shared/health'
import { useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { call } from '../api/call.ts'
import { type TraceOfInterest, traceUrl } from './action-words.ts'

export const useTraceUrl = (): ((trace: TraceOfInterest) => string | null) => {
  const { data } = useQuery({
    queryKey: ['trace-link'],
    queryFn: ({ signal }) => call(traceLink, {}, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    meta: { isSameForAll: true },
  })
  const template = data?.template
  return useCallback((trace) => traceUrl(template, trace), [template])
}
