import * as z from 'zod/mini'
import { endpoint } from './endpoint.ts'
import { Handle, UserShort } from './users.ts'

/** `people` are those whom anybody may act as; it is empty wherever that is switched off. */
export const Session = z.object({
  user: z.nullable(UserShort),
  people: z.array(UserShort),
})
export type Session = z.infer<typeof Session>

export const readSession = endpoint({
  method: 'GET',
  path: '/api/session',
  summary: 'Who acts, and whom one may act as',
  input: z.strictObject({}),
  output: Session,
})

export const startSession = endpoint({
  method: 'POST',
  path: '/api/session',
  summary: 'Act as one of the seeded people',
  input: z.strictObject({ handle: Handle }),
  output: Session,
})

export const endSession = endpoint({
  method: 'DELETE',
  path: '/api/session',
  summary: 'Stop acting as anybody',
  input: z.strictObject({}),
  output: Session,
})
