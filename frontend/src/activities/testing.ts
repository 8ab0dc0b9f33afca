import type { Activity, Reply } from '@cruddur/shared/activities'

export const testTime = Date.parse('2026-11-20T12:00:00.000Z')

export const someReply = (uuid: string, given: Partial<Reply> & { livesMs?: number } = {}): Reply => {
  const { livesMs = 1_000, ...rest } = given
  return {
    uuid,
    handle: 'worf',
    display_name: 'Worf',
    message: 'I am out of prune juice',
    likes_count: 3,
    replies_count: 0,
    reposts_count: 0,
    liked: false,
    reposted: false,
    reply_to_activity_uuid: null,
    created_at: new Date(testTime - 1_000).toISOString(),
    expires_at: new Date(testTime + livesMs).toISOString(),
    ...rest,
  }
}

export const someActivity = (
  uuid: string,
  { replies = [], reposted_by = null, ...rest }: Partial<Activity> & { livesMs?: number } = {},
): Activity => ({ ...someReply(uuid, rest), reposted_by, replies })
