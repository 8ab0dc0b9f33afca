import { listMessageGroups, markThreadRead, readThread, sendMessage } from '@cruddur/shared/messages'
import { type Mount, requireUser } from '../http/mount.ts'
import { markRead, readGroups, readMessages, send } from './messages.service.ts'

export const messageRoutes = (mount: Mount): void => {
  mount(listMessageGroups, ({ input, user }) => readGroups(requireUser(user), input))
  mount(readThread, ({ input, user }) => readMessages(requireUser(user), input))
  mount(sendMessage, ({ input, user, idempotencyKey }) => send(requireUser(user), input, idempotencyKey))
  mount(markThreadRead, ({ input, user }) => markRead(requireUser(user), input.message_group_uuid))
}
