import * as z from 'zod/mini'

export const Handle = z.string().check(z.regex(/^[a-z0-9_]{1,30}$/))

export const UserShort = z.object({
  uuid: z.uuid(),
  handle: Handle,
  display_name: z.string(),
})
export type UserShort = z.infer<typeof UserShort>
