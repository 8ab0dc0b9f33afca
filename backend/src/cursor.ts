import * as z from 'zod/mini'
import { invalidInput } from './errors.ts'

/** A place in a list that is ordered by time. */
export type Position = { at: string; uuid: string }

/** Where a list begins whose newest comes first, and one whose oldest does. */
export const newest: Position = { at: 'infinity', uuid: 'ffffffff-ffff-ffff-ffff-ffffffffffff' }
export const oldest: Position = { at: '-infinity', uuid: '00000000-0000-0000-0000-000000000000' }

// PostgreSQL's times reach further than JavaScript's, and the other way round: these both know.
export const Place = z.tuple([z.int().check(z.minimum(0), z.maximum(Date.UTC(9999, 11, 31))), z.uuid()])

export const placeOf = ({ at, uuid }: Position): z.infer<typeof Place> => [Date.parse(at), uuid]
export const positionAt = ([at, uuid]: z.infer<typeof Place>): Position => ({ at: new Date(at).toISOString(), uuid })

/** Where a page ended. Opaque to the page: its meaning may change with the order of the list. */
export const encodePosition = (position: Position): string => encodeCursor(placeOf(position))
export const decodePosition = (cursor: string, field: 'after' | 'before' = 'after'): Position =>
  positionAt(decodeCursor(Place, cursor, field))

export const encodeCursor = (fields: unknown): string => Buffer.from(JSON.stringify(fields)).toString('base64url')

/** Takes back what we have given, and nothing that only looks like it. */
export const decodeCursor = <Fields extends z.ZodMiniType>(
  schema: Fields,
  cursor: string,
  field: 'after' | 'before' = 'after',
): z.infer<Fields> => {
  try {
    const fields = z.parse(schema, JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
    if (encodeCursor(fields) === cursor) return fields
  } catch {}
  throw invalidInput({ [field]: 'is not a cursor of ours' })
}
