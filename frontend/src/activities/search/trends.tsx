import { readTrends } from '@cruddur/shared/activities'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { call } from '../../api/call.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { troubleOf } from '../../api/trouble-words.ts'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Trouble } from '../../ui/trouble.tsx'
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
      {trends.isError && !trends.data && <Trouble {...troubleOf('trends', trends)} size="aside" trace="retry trends" />}
      {trends.data?.trends.length === 0 && <p className="hint">No trends right now. Start one with a #tag.</p>}
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
