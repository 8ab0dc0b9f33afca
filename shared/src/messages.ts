import * as z from 'zod/mini'
import { endpoint } from './endpoint.ts'
import type { FieldCode } from './errors.ts'
import { cursor, messageMaxLines, NextCursor, pageFields, writtenText } from './text.ts'
import { givenHandle, Handle } from './users.ts'

export const messageMaxLength = 1024

const groupUuid = () =>
  z.string().check(
    z.refine((text) => text.trim() !== '', { error: 'message_group_uuid_blank' satisfies FieldCode, abort: true }),
    z.uuid(),
  )

/** A conversation of two people. Handle and name are those of the other person. */
export const MessageGroup = z.object({
  uuid: z.uuid(),
  handle: Handle,
  display_name: z.string(),
  /** The newest message, and its time. */
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

/** With a handle the list has only the conversation with that person, or nothing. */
export const listMessageGroups = endpoint({
  method: 'GET',
  path: '/api/message_groups',
  summary: 'Your conversations, newest message first',
  input: () => z.strictObject({ ...pageFields(), handle: z.optional(givenHandle('blank_user_handle')) }),
  output: MessageGroups,
})

export const MessageThread = z.object({
  message_group: MessageGroup,
  /** Oldest first, but the first page has the newest messages. */
  messages: z.array(Message),
  /** Pass it as `before` to read older messages; null at the beginning. */
  next_cursor: NextCursor,
})
export type MessageThread = z.infer<typeof MessageThread>

export const readThread = endpoint({
  method: 'GET',
  path: '/api/messages/:message_group_uuid',
  summary: 'The messages of one of your conversations',
  input: () =>
    z.strictObject({
      message_group_uuid: groupUuid(),
      before: z.optional(cursor()),
      limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(50)), 30),
    }),
  output: MessageThread,
})

/** With a handle the message goes to the conversation with that person. The first message starts the conversation. */
export const sendMessage = endpoint({
  method: 'POST',
  path: '/api/messages',
  summary: 'Send a message to a conversation, or to a person by handle',
  isIdempotent: true,
  input: () =>
    z.strictObject({
      message: writtenText({
        maxLength: messageMaxLength,
        maxLines: messageMaxLines,
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
