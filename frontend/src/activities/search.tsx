import { searchActivities, searchTermMost } from '@cruddur/shared/activities'
import type { UserShort } from '@cruddur/shared/users'
import { useEffect, useId, useRef, useState } from 'react'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { isApiError } from '../api/api-error.ts'
import { call } from '../api/call.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Empty } from '../ui/empty.tsx'
import { Icon } from '../ui/icons.tsx'
import { activityKey } from './activity-cache.ts'
import { profileAddress, searchAddress } from './feed.ts'
import { FeedList } from './feed-list.tsx'
import { FeedSkeleton } from './feed-skeleton.tsx'
import { FeedTrouble } from './feed-trouble.tsx'
import { useJustCome } from './use-just-come.ts'
import { usePages } from './use-pages.ts'

/** The term is in the address: a search can be linked to, and gone back to. */
export const SearchBox = () => {
  const id = useId()
  const navigate = useNavigate()
  const [given] = useSearchParams()
  const term = given.get('term') ?? ''
  const [typed, setTyped] = useState(term)
  const field = useRef<HTMLInputElement>(null)

  useEffect(() => setTyped(term), [term])

  return (
    <search>
      <form
        className="search-box"
        data-trace="search"
        onSubmit={(event) => {
          event.preventDefault()
          const sought = typed.trim()
          if (sought) void navigate(searchAddress(sought), { replace: sought === term })
          else field.current?.focus()
        }}
      >
        <Icon name="search" />
        <label className="visually-hidden" htmlFor={id}>
          Search Cruddur
        </label>
        <input
          ref={field}
          id={id}
          type="search"
          name="term"
          placeholder="Search words, #tags, @people"
          enterKeyHint="search"
          autoComplete="off"
          maxLength={searchTermMost}
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
        />
        <button type="submit" className="button button-small">
          Search
        </button>
      </form>
    </search>
  )
}

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
  const queryKey = activityKey.search(term)
  const found = usePages({ queryKey, read: (after, signal) => call(searchActivities, { term, ...after }, { signal }) })
  const hasJustCome = useJustCome(found)
  const subject = 'The answer'

  if (found.isPending || hasJustCome) return <FeedSkeleton label="Searching." />
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
