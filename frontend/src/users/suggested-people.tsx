import { suggestedUsers, type UserShort } from '@cruddur/shared/users'
import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { call } from '../api/call.ts'
import { queryKeys } from '../api/query-keys.ts'
import { troubleOf } from '../api/trouble-words.ts'
import { PersonLine } from '../ui/person-line.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { Trouble } from '../ui/trouble.tsx'
import { FollowButton } from './follow-button.tsx'
import { useFollow } from './use-follow.ts'

const most = 3

export const SuggestedPeople = () => {
  const titleId = useId()
  const suggested = useQuery({
    queryKey: queryKeys.suggestedUsers,
    queryFn: ({ signal }) => call(suggestedUsers, {}, { signal }),
    staleTime: 5 * 60_000,
  })
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
              <SuggestedPerson person={person} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** A followed person stays in the list, so nothing moves under the pointer. */
const SuggestedPerson = ({ person }: { person: UserShort }) => {
  const [followed, setFollowed] = useState(false)
  const follow = useFollow({ ...person, followed, followers_count: 0 }, setFollowed)
  return (
    <PersonLine person={person}>
      <FollowButton name={person.display_name} follow={follow} isSmall />
    </PersonLine>
  )
}
