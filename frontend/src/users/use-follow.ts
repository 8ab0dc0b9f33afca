import { followUser, type UserShort, unfollowUser } from '@cruddur/shared/users'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { isApiError, traceIdOf } from '../api/api-error.ts'
import { call } from '../api/call.ts'
import { queryKeys } from '../api/query-keys.ts'
import { refusalWords } from '../api/trouble-words.ts'
import { useCurrentUser } from '../ui/current-user.ts'
import { useNotify } from '../ui/notify.ts'
import { actorHandle, followKey, patchProfile } from './person-cache.ts'

type Person = Pick<UserShort, 'handle' | 'display_name'>

/** `onWish` shows what is wanted before it is so, and what is so when it could not be done. */
export const useFollow = ({ handle, display_name }: Person, onWish?: (follows: boolean) => void) => {
  const queries = useQueryClient()
  const notify = useNotify()
  const { whenSignedIn, afterSigningInAgain } = useCurrentUser()
  const mutationKey = followKey(handle)

  const show = (follows: boolean) => {
    onWish?.(follows)
    const more = follows ? 1 : -1
    patchProfile(queries, handle, (profile) =>
      profile.followed === follows
        ? profile
        : { ...profile, followed: follows, followers_count: Math.max(0, profile.followers_count + more) },
    )
  }

  const mutation = useMutation({
    mutationKey,
    // One at a time and in the order of the clicks: what was wanted last is what is so in the end.
    scope: { id: mutationKey.join(' ') },
    mutationFn: (follows: boolean) => call(follows ? followUser : unfollowUser, { handle }),
    onMutate: show,
    onSuccess: ({ followed, followers_count }) => {
      const isLast = queries.isMutating({ mutationKey }) === 1
      if (!isLast) return
      onWish?.(followed)
      patchProfile(queries, handle, (profile) => ({ ...profile, followed, followers_count }))
      const mine = actorHandle(queries)
      if (mine) void queries.invalidateQueries({ queryKey: queryKeys.userFeed(mine), refetchType: 'none' })
      void queries.invalidateQueries({ queryKey: queryKeys.homeFeed('following') })
      if (!onWish) void queries.invalidateQueries({ queryKey: queryKeys.suggestedUsers })
    },
    onError: (error, follows) => {
      show(!follows)
      if (isApiError(error, 'unauthenticated')) return afterSigningInAgain(() => mutation.mutate(follows))
      notify({
        sentence: `${display_name} is ${follows ? 'not followed' : 'still followed'}: ${refusalWords(error)}`,
        traceId: traceIdOf(error),
      })
    },
  })

  return (follows: boolean) => whenSignedIn(() => mutation.mutate(follows))
}
