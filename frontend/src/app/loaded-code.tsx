import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect } from 'react'
import { queryKeys } from '../api/query-keys.ts'
import { traceImport } from '../telemetry/index.ts'
import { pageTitleId } from '../ui/page-title.ts'
import { Trouble } from '../ui/trouble.tsx'
import { reloadForCode } from './reload-for-code.ts'

type Props<Code> = {
  /** The name of the built file, for the trace. */
  file: string
  load: () => Promise<Code>
  /** The begin of a sentence: "The signals". */
  what: string
  isWholePage?: boolean
  loading: ReactNode
  children: (code: Code) => ReactNode
}

/** Loads the code of a part of the page when a visitor opens that part. */
export const LoadedCode = <Code,>({ file, load, what, isWholePage = false, loading, children }: Props<Code>) => {
  const code = useQuery({
    queryKey: queryKeys.code(file),
    queryFn: ({ client, queryKey }) => {
      const isRetry = (client.getQueryState(queryKey)?.errorUpdateCount ?? 0) > 0
      return traceImport(file, load).catch((error) => reloadForCode(error, { isRetry }))
    },
    structuralSharing: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
    meta: { isSameForAll: true },
  })
  const title = `${what} did not load`
  // A query that is tried again without data is pending, not failed.
  const hasFailed = !code.data && code.errorUpdateCount > 0
  const isTitle = isWholePage && hasFailed
  useEffect(() => {
    if (isTitle) document.title = `${title} · Cruddur`
  }, [isTitle, title])
  if (code.data) return children(code.data)
  if (!hasFailed) {
    return (
      <>
        {isWholePage && (
          <h1 id={pageTitleId} className="visually-hidden">
            Loading
          </h1>
        )}
        {loading}
      </>
    )
  }
  return (
    <Trouble
      title={title}
      size={isWholePage ? 'page' : 'part'}
      retry={() => void code.refetch()}
      isTrying={code.isFetching}
    >
      Check your connection, then try again.
    </Trouble>
  )
}
