import type { Activity, Ttl } from '@cruddur/shared/activities'
import { hoursByTtl } from '@cruddur/shared/activities'
import { hashtagsIn, mentionsIn } from '@cruddur/shared/message-parts'
import { attr, spanName } from '@cruddur/shared/telemetry'
import { lengthOf } from '@cruddur/shared/text'
import type { UserShort } from '@cruddur/shared/users'
import { conflict } from '../errors.ts'
import { annotate, traced } from '../telemetry/index.ts'
import type { ActivityRow } from './activities.queries.ts'
import { noSuchActivity, toActivity } from './activities.service.ts'
import { insertActivity, insertReply, removeActivity, selectByKey } from './writing.queries.ts'

type Writing = { message: string; idempotencyKey: string | null }

export const write = traced(
  spanName.activityCreate,
  async (author: UserShort, { ttl, ...writing }: Writing & { ttl: Ttl }): Promise<Activity> => {
    annotate({ [attr.ttl]: ttl })
    const [row] = await insertActivity(author.uuid, partsIn(writing), hoursByTtl[ttl])
    return written(row ?? (await writtenBefore(author, writing, null)))
  },
)

export const replyTo = traced(
  spanName.activityReply,
  async (author: UserShort, { uuid, ...writing }: Writing & { uuid: string }): Promise<Activity> => {
    annotate({ [attr.replyToActivityUuid]: uuid })
    const [row] = await insertReply(author.uuid, partsIn(writing), uuid)
    return written(row ?? (await writtenBefore(author, writing, uuid)))
  },
)

export const remove = traced(spanName.activityDelete, async (author: UserShort, uuid: string) => {
  annotate({ [attr.activityUuid]: uuid })
  const [row] = await removeActivity(author.uuid, uuid)
  if (!row) throw noSuchActivity()
  if (row.reply_to_activity_uuid) annotate({ [attr.replyToActivityUuid]: row.reply_to_activity_uuid })
  return { uuid }
})

const partsIn = ({ message, idempotencyKey }: Writing) => {
  const [hashtags, mentions] = [hashtagsIn(message), mentionsIn(message)]
  annotate({
    [attr.activityLength]: lengthOf(message),
    [attr.hashtagsCount]: hashtags.length,
    [attr.mentionsCount]: mentions.length,
  })
  return { message, hashtags, mentions, idempotencyKey }
}

/** A retry changes nothing and gets the answer of the first request. */
const writtenBefore = async (author: UserShort, { message, idempotencyKey }: Writing, parent: string | null) => {
  const [row] = idempotencyKey === null ? [] : await selectByKey(author.uuid, idempotencyKey, message, parent)
  if (!row) throw noSuchActivity()
  if (!row.same) throw conflict('This Idempotency-Key was already used for another activity.')
  annotate({ [attr.repeated]: true })
  return row
}

const written = (row: ActivityRow): Activity => {
  annotate({ [attr.activityUuid]: row.uuid })
  return toActivity(row)
}
