import * as z from 'zod/mini'
import { endpoint } from './endpoint.ts'
import type { FieldCode } from './errors.ts'
import { cursor, messageMostLines, NextCursor, pageFields, writtenText } from './text.ts'
import { givenHandle, Handle } from './users.ts'

export const messageMost = 1024

const groupUuid = () =>
  z.string().check(
    z.refine((text) => text.trim() !== '', { error: 'message_group_uuid_blank' satisfies FieldCode, abort: true }),
    z.uuid(),
  )

/** A conversation of two; handle and name are the other one's. */
export const MessageGroup = z.object({
  uuid: z.uuid(),
  handle: Handle,
  display_name: z.string(),
  /** The newest one, and when it came. */
  message: z.nullable(z.string()),
  created_at: z.iso.datetime(),
  unread_count: z.int(),
})
export type MessageGroup = z.infer<typeof MessageGroup>

export const Message = z.object({
  uuid: z.uuid(),
  message_group_uuid: z.uuid(),
  handle: Handle,
  display_name: z.string(),
  message: z.string(),
  created_at: z.iso.datetime(),
})
export type Message = z.infer<typeof Message>

export const MessageGroups = z.object({ message_groups: z.array(MessageGroup), next_cursor: NextCursor })
export type MessageGroups = z.infer<typeof MessageGroups>

export const listMessageGroups = endpoint({
  method: 'GET',
  path: '/api/message_groups',
  summary: 'One’s conversations, the one with the newest message first',
  input: () => z.strictObject(pageFields()),
  output: MessageGroups,
})

export const MessageThread = z.object({
  message_group: MessageGroup,
  /** Oldest first; the newest page comes first. */
  messages: z.array(Message),
  /** Give it as `before` to read what is older; null at the beginning. */
  next_cursor: NextCursor,
})
export type MessageThread = z.infer<typeof MessageThread>

export const readThread = endpoint({
  method: 'GET',
  path: '/api/messages/:message_group_uuid',
  summary: 'The messages of one of one’s conversations',
  input: () =>
    z.strictObject({
      message_group_uuid: groupUuid(),
      before: z.optional(cursor()),
      limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(50)), 30),
    }),
  output: MessageThread,
})

/** With a group it goes there; with a handle, into the one conversation with that person, which begins if there is none. */
export const sendMessage = endpoint({
  method: 'POST',
  path: '/api/messages',
  summary: 'Send a message into a conversation, or to somebody by their handle',
  isIdempotent: true,
  input: () =>
    z.strictObject({
      message: writtenText({
        most: messageMost,
        mostLines: messageMostLines,
        blank: 'message_blank',
        tooLong: 'message_exceed_max_chars',
      }),
      message_group_uuid: z.optional(groupUuid()),
      handle: z.optional(givenHandle('user_reciever_handle_blank')),
    }),
  output: Message,
})

export const markThreadRead = endpoint({
  method: 'POST',
  path: '/api/messages/:message_group_uuid/read',
  summary: 'Mark a conversation as read',
  input: () => z.strictObject({ message_group_uuid: groupUuid() }),
  output: z.object({ message_group_uuid: z.uuid(), unread_count: z.int() }),
})
