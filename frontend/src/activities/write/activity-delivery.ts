import { Activity, createActivity, replyToActivity } from '@cruddur/shared/activities'
import { call } from '../../api/call.ts'
import { delivery } from '../../writing/outbox-provider.tsx'
import { addActivity } from '../cache/activity-cache.ts'

export const crudDelivery = delivery<'crud', Activity>({
  answer: Activity,
  send: ({ ttl }, message, options) => call(createActivity, { message, ttl }, options),
  show: addActivity,
})

export const replyDelivery = delivery<'reply', Activity>({
  answer: Activity,
  send: ({ uuid }, message, options) => call(replyToActivity, { uuid, message }, options),
  show: addActivity,
})
