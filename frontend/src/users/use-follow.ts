import { followUser, type Profile, unfollowUser } from '@cruddur/shared/users'
import { useQueryClient } from '@tanstack/react-query'
import { call } from '../api/call.ts'
import { mutationKeys, queryKeys } from '../api/query-keys.ts'
import { useCurrentUser } from '../ui/current-user.ts'
import { useToggle } from '../writing/toggle.ts'
import { patchProfile } from './person-cache.ts'

type Person = Pick<Profile, 'handle' | 'display_name' | 'followed' | 'followers_count'>

/** With `onFollowed`, the list of suggestions stays as it is. */
export const useFollow = (person: Person, onFollowed?: (followed: boolean) => void) => {
  const { handle, display_name, followed, followers_count } = person
  const queries = useQueryClient()
  const { user } = useCurrentUser()
  return useToggle({
    key: mutationKeys.follow(handle),
    isOn: followed,
    count: followers_count,
    send: (isOn) => call(isOn ? followUser : unfollowUser, { handle }),
    onSent: ({ followed, followers_count }) => {
      onFollowed?.(followed)
      patchProfile(queries, handle, (profile) => ({ ...profile, followed, followers_count }))
      if (user) void queries.invalidateQueries({ queryKey: queryKeys.userFeed(user.handle), refetchType: 'none' })
      void queries.invalidateQueries({ queryKey: queryKeys.homeFeed('following') })
      if (!onFollowed) void queries.invalidateQueries({ queryKey: queryKeys.suggestedUsers })
    },
    verb: { on: `follow ${display_name}`, off: `unfollow ${display_name}` },
  })
}
