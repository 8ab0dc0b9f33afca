import { searchActivities } from '@cruddur/shared/activities'
import type { UserShort } from '@cruddur/shared/users'
import { Link } from 'react-router'
import { isApiError } from '../../api/api-error.ts'
import { call } from '../../api/call.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { profileAddress } from '../addresses.ts'
import { FeedList } from '../feed/feed-list.tsx'
import { FeedTrouble } from '../feed/feed-trouble.tsx'
import { useActivityPages } from '../feed/use-activity-pages.ts'
import { useIsDrawing } from '../feed/use-is-drawing.ts'

export const SearchResults = ({ term }: { term: string }) => {
  const sought = term.trim()
  if (!sought)
    return (
      <Empty title="What are you looking for?">
        Words find cruds that have them, #tags find theirs, and @handles find people and what they wrote.
      </Empty>
    )
  return <Results key={sought} term={sought} />
}

const Results = ({ term }: { term: string }) => {
  const queryKey = queryKeys.search(term)
  const found = useActivityPages({
    queryKey,
    read: (after, signal) => call(searchActivities, { term, ...after }, { signal }),
  })
  const isDrawing = useIsDrawing(found)
  const subject = 'The answer'

  if (found.isPending || isDrawing) return <Skeleton shape="card" count={4} label="Searching" />
  if (!found.data) {
    if (isApiError(found.error, 'invalid_input', 'search_term_blank'))
      return (
        <Empty title="That cannot be looked for">{Object.values(found.error.fields)[0] ?? found.error.message}</Empty>
      )
    return (
      <FeedTrouble
        subject={subject}
        error={found.error}
        retry={() => void found.refetch()}
        isTrying={found.isFetching}
      />
    )
  }
  const people = found.data.pages[0]?.people ?? []
  return (
    <FeedList
      feed={found}
      pages={found.data.pages}
      queryKey={queryKey}
      subject={subject}
      label="Cruds that were found"
      top={people.length > 0 && <People people={people} />}
      empty={
        people.length > 0 ? (
          <p className="feed-end">No crud that lives has it.</p>
        ) : (
          <Empty title="Nothing found">Nobody and nothing that lives here has it. Another word, perhaps?</Empty>
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
          <Link to={profileAddress(person.handle)} className="line" data-trace="open profile">
            <Avatar handle={person.handle} />
            <span className="person-name">
              <strong>{person.display_name}</strong>
              <span className="handle">@{person.handle}</span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  </section>
)
