import { suggestedUsers } from '@cruddur/shared/users'
import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { call } from '../api/call.ts'
import { queryKeys } from '../api/query-keys.ts'
import { troubleOf } from '../api/trouble-words.ts'
import { Skeleton } from '../ui/skeleton.tsx'
import { Trouble } from '../ui/trouble.tsx'
import { FollowButton } from './follow-button.tsx'
import { PersonLine } from './person-line.tsx'

const most = 3

export const SuggestedPeople = () => {
  const titleId = useId()
  const suggested = useQuery({
    queryKey: queryKeys.suggestedUsers,
    queryFn: ({ signal }) => call(suggestedUsers, {}, { signal }),
    staleTime: 5 * 60_000,
  })
  // Whoever is followed from here stays where they are: nothing moves under the pointer.
  const [followed, setFollowed] = useState<ReadonlySet<string>>(new Set())
  const wish = (handle: string) => (follows: boolean) =>
    setFollowed((known) => new Set(follows ? [...known, handle] : [...known].filter((other) => other !== handle)))

  const people = suggested.data?.people.slice(0, most)
  if (people?.length === 0) return null
  return (
    <section className="card suggested" aria-labelledby={titleId}>
      <h2 id={titleId}>Who to follow</h2>
      {suggested.isPending && <Skeleton shape="line" count={most} label="Loading people" />}
      {suggested.isError && !people && (
        <Trouble {...troubleOf('suggestions', suggested)} size="aside" trace="retry suggested" />
      )}
      {people && (
        <ul>
          {people.map((person) => (
            <li key={person.uuid}>
              <PersonLine person={person}>
                <FollowButton
                  person={person}
                  isFollowed={followed.has(person.handle)}
                  isSmall
                  onWish={wish(person.handle)}
                />
              </PersonLine>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
