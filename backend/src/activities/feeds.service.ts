import type { ActivityPage, FeedName, UserActivities } from '@cruddur/shared/activities'
import { attr, spanName } from '@cruddur/shared/telemetry'
import type { PageRequest } from '@cruddur/shared/text'
import type { UserShort } from '@cruddur/shared/users'
import { type Position, pageOf, positionOf } from '../cursor.ts'
import { noSuchPerson, unauthenticated } from '../errors.ts'
import { annotate, log, traced } from '../telemetry/index.ts'
import { toActivity, withReplies } from './activities.service.ts'
import { type EntryRow, selectEveryone, selectFollowing, selectOfPerson, selectProfile } from './feeds.queries.ts'

export const readHomeFeed = traced(
  spanName.homeFeed,
  async (asker: UserShort | null, { feed, after, limit }: PageRequest & { feed: FeedName }): Promise<ActivityPage> => {
    annotate({ [attr.now]: new Date().toISOString(), [attr.feed]: feed })
    const position = positionOf(after)
    const page = feed === 'following' ? await following(asker, limit, position) : await everyone(asker, limit, position)
    annotate({ [attr.resultLength]: page.activities.length })
    log.info('the home feed was read', { result_length: page.activities.length })
    return page
  },
)

export const readUserActivities = traced(
  spanName.userActivities,
  async (
    asker: UserShort | null,
    { handle, after, limit }: PageRequest & { handle: string },
  ): Promise<UserActivities> => {
    annotate({ [attr.now]: new Date().toISOString() })
    const user = asker?.uuid ?? null
    const position = positionOf(after)
    const [profile] = await selectProfile(user, handle)
    if (!profile) throw noSuchPerson()
    annotate({ [attr.otherUserId]: profile.uuid })
    const page = pageOf(await selectOfPerson(user, limit + 1, position, profile.uuid), limit)
    annotate({ [attr.resultLength]: page.rows.length })
    return {
      profile: { ...profile, created_at: profile.created_at.toISOString() },
      activities: await withReplies(user, page.rows.map(toEntry)),
      next_cursor: page.next_cursor,
    }
  },
)

const everyone = async (asker: UserShort | null, limit: number, position: Position): Promise<ActivityPage> => {
  const user = asker?.uuid ?? null
  const page = pageOf(await selectEveryone(user, limit + 1, position), limit)
  const activities = page.rows.map((row) => toActivity(row))
  return { activities: await withReplies(user, activities), next_cursor: page.next_cursor }
}

const following = async (asker: UserShort | null, limit: number, position: Position): Promise<ActivityPage> => {
  if (!asker) throw unauthenticated()
  const page = pageOf(await selectFollowing(asker.uuid, limit + 1, position), limit)
  return { activities: await withReplies(asker.uuid, page.rows.map(toEntry)), next_cursor: page.next_cursor }
}

const toEntry = (row: EntryRow) => {
  const { reposter_uuid: uuid, reposter_handle: handle, reposter_name: display_name } = row
  const isRepost = uuid !== null && handle !== null && display_name !== null
  return toActivity(row, isRepost ? { uuid, handle, display_name } : null)
}
