import type { InputOf } from '@cruddur/shared/endpoint'
import { sentenceByCode } from '@cruddur/shared/errors'
import type {
  Message,
  MessageGroup,
  MessageGroups,
  MessageThread,
  readThread,
  sendMessage,
} from '@cruddur/shared/messages'
import { attr, spanName } from '@cruddur/shared/telemetry'
import { lengthOf, type PageRequest } from '@cruddur/shared/text'
import type { UserShort } from '@cruddur/shared/users'
import { newest, pageOf, positionOf } from '../cursor.ts'
import { AppError, conflict, invalidInput, notFound } from '../errors.ts'
import { annotate, traced } from '../telemetry/index.ts'
import {
  type GroupRow,
  insertMessageInto,
  insertMessageTo,
  type MessageRow,
  selectGroup,
  selectGroups,
  selectHandle,
  selectMessageByKey,
  selectMessagesBefore,
  updateThreadRead,
} from './messages.queries.ts'

export const readGroups = traced(
  spanName.messageGroups,
  async (user: UserShort, { after, limit }: PageRequest): Promise<MessageGroups> => {
    const page = pageOf(await selectGroups(user.uuid, limit + 1, positionOf(after)), limit)
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
    if (!group) throw noConversation()
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
    const { insert, target } = await placeOf(author, input)
    const [sent] = await insert(author.uuid, target, { message, idempotencyKey })
    const said = sent ?? (await saidBefore(author, message, target, idempotencyKey))
    annotate({
      [attr.messageGroupUuid]: said.message_group_uuid,
      [attr.otherUserId]: said.other_uuid,
      [attr.repeated]: !sent,
    })
    const { uuid, message_group_uuid, created_at } = said
    const { handle, display_name } = author
    return { uuid, message_group_uuid, handle, display_name, message, created_at: created_at.toISOString() }
  },
)

const placeOf = async (author: UserShort, { message_group_uuid, handle }: NewMessage) => {
  if (message_group_uuid !== undefined) {
    if (handle !== undefined) throw invalidInput({ handle: 'is said by the conversation' })
    return { insert: insertMessageInto, target: message_group_uuid }
  }
  if (handle === undefined) {
    const sentence = sentenceByCode.user_reciever_handle_blank
    throw new AppError('user_reciever_handle_blank', sentence, { fields: { handle: sentence } })
  }
  if (handle === author.handle) throw invalidInput({ handle: 'is your own: a conversation needs somebody else' })
  const [other] = await selectHandle(handle)
  if (!other) throw notFound('person')
  return { insert: insertMessageTo, target: other.uuid }
}

/** Nothing was sent: it had been before, or there is no such conversation of theirs. */
const saidBefore = async (author: UserShort, message: string, target: string, idempotencyKey: string | null) => {
  const [said] = idempotencyKey === null ? [] : await selectMessageByKey(author.uuid, idempotencyKey)
  if (!said) throw noConversation()
  const isSame = said.message === message && (said.message_group_uuid === target || said.other_uuid === target)
  if (!isSame) throw conflict('Something else was sent under this Idempotency-Key.')
  return said
}

export const markRead = traced(spanName.messageRead, async (user: UserShort, group: string) => {
  annotate({ [attr.messageGroupUuid]: group })
  const [row] = await updateThreadRead(user.uuid, group)
  if (!row) throw noConversation()
  annotate({ [attr.changed]: row.changed })
  return { message_group_uuid: row.uuid, unread_count: 0 }
})

const noConversation = () => notFound('conversation of yours')

const toGroup = (row: GroupRow): MessageGroup => ({ ...row, created_at: row.created_at.toISOString() })
const toMessage = (row: MessageRow): Message => ({ ...row, created_at: row.created_at.toISOString() })
