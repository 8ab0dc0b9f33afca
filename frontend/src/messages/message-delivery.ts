import { Message, sendMessage } from '@cruddur/shared/messages'
import { call } from '../api/call.ts'
import { delivery } from '../writing/outbox-provider.tsx'
import { showSent } from './message-cache.ts'

/** Sends to the handle of the other person. The server finds the conversation or begins it. */
export const messageDelivery = delivery<'message', Message>({
  answer: Message,
  send: ({ handle }, message, options) => call(sendMessage, { handle, message }, options),
  show: showSent,
})
