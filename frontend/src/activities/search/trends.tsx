import { readTrends } from '@cruddur/shared/activities'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { ApiError, isApiError } from '../../api/api-error.ts'
import { call } from '../../api/call.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { Skeleton } from '../../ui/skeleton.tsx'
import { SmallTrouble } from '../../ui/small-trouble.tsx'
import { counted } from '../activity-words.ts'
import { searchAddress } from '../addresses.ts'

export const Trends = () => {
  const trends = useQuery({
    queryKey: queryKeys.trends,
    queryFn: ({ signal }) => call(readTrends, {}, { signal }),
    refetchOnWindowFocus: true,
    staleTime: 60_000,
    meta: { isSameForAll: true },
  })
  return (
    <section className="card trends" aria-labelledby="trends-title">
      <h2 id="trends-title">What people write about</h2>
      {trends.isPending && <Skeleton shape="tag" count={4} label="Loading trends" />}
      {trends.isError && !trends.data && (
        <SmallTrouble
          isOffline={isApiError(trends.error, 'offline')}
          traceId={trends.error instanceof ApiError ? trends.error.traceId : null}
          retry={() => void trends.refetch()}
          isTrying={trends.isFetching}
          trace="retry trends"
        />
      )}
      {trends.data?.trends.length === 0 && <p className="hint">No #tag lives just now. Yours could be the first.</p>}
      {trends.data && trends.data.trends.length > 0 && (
        <ol>
          {trends.data.trends.map(({ tag, people }) => (
            <li key={tag}>
              <Link to={searchAddress(`#${tag}`)} className="trend" data-trace="trend">
                <span className="trend-tag">#{tag}</span>
                <span className="hint">{counted(people, 'person', 'people')}</span>
              </Link>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}
