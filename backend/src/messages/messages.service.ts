import type { InputOf } from '@cruddur/shared/endpoint'
import { sentenceByCode } from '@cruddur/shared/errors'
import type {
  listMessageGroups,
  Message,
  MessageGroup,
  MessageGroups,
  MessageThread,
  readThread,
  sendMessage,
} from '@cruddur/shared/messages'
import { attr, spanName } from '@cruddur/shared/telemetry'
import { lengthOf } from '@cruddur/shared/text'
import type { UserShort } from '@cruddur/shared/users'
import { newest, pageOf, positionOf } from '../cursor.ts'
import { AppError, conflict, invalidInput, noSuchPerson, notFound } from '../errors.ts'
import { annotate, traced } from '../telemetry/index.ts'
import {
  type GroupRow,
  insertMessageIntoGroup,
  insertMessageToPerson,
  type MessageRow,
  selectGroup,
  selectGroups,
  selectGroupWith,
  selectHandle,
  selectMessageByKey,
  selectMessagesBefore,
  updateThreadRead,
} from './messages.queries.ts'

export const readGroups = traced(
  spanName.messageGroups,
  async (user: UserShort, { handle, after, limit }: InputOf<typeof listMessageGroups>): Promise<MessageGroups> => {
    const position = positionOf(after)
    const rows = await (handle === undefined
      ? selectGroups(user.uuid, limit + 1, position)
      : selectGroupWith(user.uuid, handle))
    const page = pageOf(rows, limit)
    annotate({ [attr.resultLength]: page.rows.length })
    return { message_groups: page.rows.map(toGroup), next_cursor: page.next_cursor }
  },
)

export const readMessages = traced(
  spanName.messageThread,
  async (
    user: UserShort,
    { message_group_uuid, before, limit }: InputOf<typeof readThread>,
  ): Promise<MessageThread> => {
    annotate({ [attr.messageGroupUuid]: message_group_uuid })
    const position = positionOf(before, newest, 'before')
    const [group] = await selectGroup(user.uuid, message_group_uuid)
    if (!group) throw noSuchConversation()
    const page = pageOf(await selectMessagesBefore(user.uuid, group.uuid, limit + 1, position), limit)
    annotate({ [attr.resultLength]: page.rows.length, [attr.unreadCount]: group.unread_count })
    return {
      message_group: toGroup(group),
      messages: page.rows.map(toMessage).reverse(),
      next_cursor: page.next_cursor,
    }
  },
)

type NewMessage = InputOf<typeof sendMessage>

export const send = traced(
  spanName.messageSend,
  async (author: UserShort, input: NewMessage, idempotencyKey: string | null): Promise<Message> => {
    const { message } = input
    annotate({ [attr.messageLength]: lengthOf(message) })
    const { insert, target } = await destinationOf(author, input)
    const [sent] = await insert(author.uuid, target, { message, idempotencyKey })
    const row = sent ?? (await sentBefore(author, message, target, idempotencyKey))
    annotate({
      [attr.messageGroupUuid]: row.message_group_uuid,
      [attr.otherUserId]: row.other_uuid,
      [attr.repeated]: !sent,
    })
    const { uuid, message_group_uuid, created_at } = row
    const { handle, display_name } = author
    return { uuid, message_group_uuid, handle, display_name, message, created_at: created_at.toISOString() }
  },
)

const destinationOf = async (author: UserShort, { message_group_uuid, handle }: NewMessage) => {
  if (message_group_uuid !== undefined) {
    if (handle !== undefined) throw invalidInput({ handle: 'is already known from the conversation' })
    return { insert: insertMessageIntoGroup, target: message_group_uuid }
  }
  if (handle === undefined) {
    const sentence = sentenceByCode.user_reciever_handle_blank
    throw new AppError('user_reciever_handle_blank', sentence, { fields: { handle: sentence } })
  }
  if (handle === author.handle) throw invalidInput({ handle: 'is your own. Choose another person' })
  const [other] = await selectHandle(handle)
  if (!other) throw noSuchPerson()
  return { insert: insertMessageToPerson, target: other.uuid }
}

/** The message that an earlier request sent with the same key. */
const sentBefore = async (author: UserShort, message: string, target: string, idempotencyKey: string | null) => {
  const [row] = idempotencyKey === null ? [] : await selectMessageByKey(author.uuid, idempotencyKey)
  if (!row) throw noSuchConversation()
  const isSame = row.message === message && (row.message_group_uuid === target || row.other_uuid === target)
  if (!isSame) throw conflict('This Idempotency-Key was already used for another message.')
  return row
}

export const markRead = traced(spanName.messageRead, async (user: UserShort, group: string) => {
  annotate({ [attr.messageGroupUuid]: group })
  const [row] = await updateThreadRead(user.uuid, group)
  if (!row) throw noSuchConversation()
  annotate({ [attr.changed]: row.changed })
  return { message_group_uuid: row.uuid, unread_count: 0 }
})

const noSuchConversation = () => notFound('You have no such conversation.')

const toGroup = (row: GroupRow): MessageGroup => ({ ...row, created_at: row.created_at.toISOString() })
const toMessage = (row: MessageRow): Message => ({ ...row, created_at: row.created_at.toISOString() })
