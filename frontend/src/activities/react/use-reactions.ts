import { likeActivity, type Reply, repostActivity, unlikeActivity, unrepostActivity } from '@cruddur/shared/activities'
import { useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/call.ts'
import { mutationKeys, queryKeys } from '../../api/query-keys.ts'
import { useCurrentUser } from '../../ui/current-user.ts'
import { useToggle } from '../../writing/toggle.ts'
import { patchActivity, takeRepostOut } from '../cache/activity-cache.ts'

export const useLike = ({ uuid, liked, likes_count }: Reply) => {
  const queries = useQueryClient()
  return useToggle({
    key: mutationKeys.like(uuid),
    isOn: liked,
    count: likes_count,
    send: (isOn) => call(isOn ? likeActivity : unlikeActivity, { uuid }),
    onSent: ({ likes_count, liked }) => patchActivity(queries, uuid, { likes_count, liked }),
    verb: { on: 'like this crud', off: 'unlike this crud' },
  })
}

export const useRepost = ({ uuid, reposted, reposts_count }: Reply) => {
  const queries = useQueryClient()
  const { user } = useCurrentUser()
  return useToggle({
    key: mutationKeys.repost(uuid),
    isOn: reposted,
    count: reposts_count,
    send: (isOn) => call(isOn ? repostActivity : unrepostActivity, { uuid }),
    onSent: ({ reposts_count, reposted }) => {
      patchActivity(queries, uuid, { reposts_count, reposted })
      if (!user) return
      if (!reposted) takeRepostOut(queries, uuid, user.handle)
      // The list on the screen does not move. It is fetched again on the next visit.
      for (const queryKey of [queryKeys.homeFeed('following'), queryKeys.userFeed(user.handle)])
        void queries.invalidateQueries({ queryKey, refetchType: 'none' })
    },
    verb: { on: 'repost this crud', off: 'undo the repost' },
  })
}
