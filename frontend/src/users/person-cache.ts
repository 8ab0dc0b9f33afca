import type { Profile } from '@cruddur/shared/users'
import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import { mutationKeys, queryKeys } from '../api/query-keys.ts'

type ProfilePages = InfiniteData<{ profile: Profile }, unknown>

export const patchProfile = (queries: QueryClient, handle: string, change: (profile: Profile) => Profile): void => {
  queries.setQueriesData<ProfilePages>(
    { queryKey: queryKeys.userFeed(handle) },
    (data) => data && { ...data, pages: data.pages.map((page) => ({ ...page, profile: change(page.profile) })) },
  )
}

type Followers = { handle: string; followers_count: number; followed: boolean | null }

/** Someone followed or unfollowed this person. */
export const showFollowers = (queries: QueryClient, { handle, followers_count, followed }: Followers): void => {
  // A click on this page is on its way, and its answer is newer than this event.
  if (followed !== null && queries.isMutating({ mutationKey: mutationKeys.follow(handle) }) > 0) return
  patchProfile(queries, handle, (known) => ({ ...known, followers_count, ...(followed !== null && { followed }) }))
}

type Named = { handle: string; display_name: string }

const isOf = (value: object, handle: string): value is Named =>
  'handle' in value && value.handle === handle && 'display_name' in value

/** Changes a person's name everywhere in the data. Data without the person stays the same object. */
export const renamed = <Data>(data: Data, { handle, display_name }: Named): Data => {
  const rename = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value)
    const changed = entries.map(([key, inner]) => [key, rename(inner)] as const)
    const isSame = changed.every(([, inner], index) => inner === entries[index]?.[1])
    const copy = isSame ? value : Array.isArray(value) ? changed.map(([, inner]) => inner) : Object.fromEntries(changed)
    return isOf(copy, handle) && copy.display_name !== display_name ? { ...copy, display_name } : copy
  }
  return rename(data) as Data
}

export const renamePerson = (queries: QueryClient, person: Named): void => {
  for (const query of queries.getQueryCache().getAll()) {
    const data = renamed(query.state.data, person)
    // `setState` keeps stale and failed queries as they are.
    if (data !== query.state.data) query.setState({ data })
  }
}

/** The answer to an update does not say who follows this user, so the known values stay. */
export const showOwnProfile = (queries: QueryClient, { followed, follows_you, ...profile }: Profile): void => {
  patchProfile(queries, profile.handle, (known) => ({ ...known, ...profile }))
  renamePerson(queries, profile)
}
