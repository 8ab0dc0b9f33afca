import { searchActivities } from '@cruddur/shared/activities'
import type { UserShort } from '@cruddur/shared/users'
import { isApiError } from '../../api/api-error.ts'
import { call } from '../../api/call.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { troubleOf } from '../../api/trouble-words.ts'
import { Empty } from '../../ui/empty.tsx'
import { PersonLine } from '../../ui/person-line.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Trouble } from '../../ui/trouble.tsx'
import { FeedList } from '../feed/feed-list.tsx'
import { useActivityPages, useIsLoading } from '../feed/use-activity-pages.ts'

export const SearchResults = ({ term }: { term: string }) => {
  const queryKey = queryKeys.search(term)
  const found = useActivityPages({
    queryKey,
    read: (after, signal) => call(searchActivities, { term, ...after }, { signal }),
  })
  const isLoading = useIsLoading(found)

  if (isLoading) return <Skeleton shape="card" count={4} label="Searching" />
  if (!found.data) {
    if (isApiError(found.error, 'invalid_input', 'search_term_blank'))
      return (
        <Empty title="This search is not possible">{Object.values(found.error.fields)[0] ?? found.error.message}</Empty>
      )
    return <Trouble {...troubleOf('the results', found)} />
  }
  const people = found.data.pages[0]?.people ?? []
  return (
    <FeedList
      feed={found}
      queryKey={queryKey}
      what="the results"
      label="Matching cruds"
      top={people.length > 0 && <People people={people} />}
      empty={
        people.length > 0 ? (
          <p className="feed-end">No matching cruds.</p>
        ) : (
          <Empty title="Nothing found">No people and no cruds match. Try another word.</Empty>
        )
      }
    />
  )
}

const People = ({ people }: { people: readonly UserShort[] }) => (
  <section className="card found-people" aria-labelledby="found-people">
    <h2 id="found-people">People</h2>
    <ul>
      {people.map((person) => (
        <li key={person.uuid}>
          <PersonLine person={person} />
        </li>
      ))}
    </ul>
  </section>
)
