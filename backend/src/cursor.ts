import * as z from 'zod/mini'
import { invalidInput } from './errors.ts'

/** A place in a list that is ordered by time. */
export type Position = { at: string; uuid: string }

/** The start of a list with the newest entry first, and of a list with the oldest entry first. */
export const newest: Position = { at: 'infinity', uuid: 'ffffffff-ffff-ffff-ffff-ffffffffffff' }
export const oldest: Position = { at: '-infinity', uuid: '00000000-0000-0000-0000-000000000000' }

// Times that both PostgreSQL and JavaScript can represent.
const Cursor = z.tuple([z.int().check(z.minimum(0), z.maximum(Date.UTC(9999, 11, 31))), z.uuid()])

/** The page does not read a cursor, so the order of a list can change. */
const encode = (fields: z.infer<typeof Cursor>): string => Buffer.from(JSON.stringify(fields)).toString('base64url')

/** The position after which the page of `cursor` starts. Without a cursor it is the start of the list. */
export const positionOf = (
  cursor: string | undefined,
  start: Position = newest,
  field: 'after' | 'before' = 'after',
): Position => {
  if (cursor === undefined) return start
  try {
    const fields = z.parse(Cursor, JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
    if (encode(fields) === cursor) return { at: new Date(fields[0]).toISOString(), uuid: fields[1] }
  } catch {}
  throw invalidInput({ [field]: 'is not a cursor of this API' })
}

type Listed = { uuid: string; created_at: Date; at?: Date }

/** One row more than `limit` means that there is a next page. */
export const pageOf = <Row extends Listed>(rows: Row[], limit: number) => {
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return { rows: page, next_cursor: last ? encode([(last.at ?? last.created_at).getTime(), last.uuid]) : null }
}
