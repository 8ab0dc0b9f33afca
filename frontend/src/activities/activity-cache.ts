import type { Reply } from '@cruddur/shared/activities'
import type { QueryClient } from '@tanstack/react-query'

/** What may become known about an activity that is shown already. */
export type Change = Partial<Pick<Reply, 'likes_count' | 'replies_count' | 'reposts_count' | 'liked' | 'reposted'>>

export const patchActivity = (_queries: QueryClient, _uuid: string, _change: Change): void => {}

export const removeActivity = (_queries: QueryClient, _uuid: string): void => {}

type NewActivity = {
  uuid: string
  handle: string
  reply_to_activity_uuid: string | null
  following: boolean
  mine: boolean
}

export const noteNewActivity = (_queries: QueryClient, _event: NewActivity): void => {}
