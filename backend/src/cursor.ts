import * as z from 'zod/mini'
import { invalidInput } from './errors.ts'

/** A place in a list that is ordered by time. */
export type Position = { at: string; uuid: string }

/** Where a list begins whose newest comes first. */
export const newest: Position = { at: 'infinity', uuid: 'ffffffff-ffff-ffff-ffff-ffffffffffff' }

// PostgreSQL's times reach further than JavaScript's, and the other way round: these both know.
const Fields = z.tuple([z.int().check(z.minimum(0), z.maximum(Date.UTC(9999, 11, 31))), z.uuid()])

/** Where a page ended. Opaque to the page: its meaning may change with the order of the list. */
export const encodePosition = ({ at, uuid }: Position): string => encode([Date.parse(at), uuid])

export const decodePosition = (cursor: string, field: 'after' | 'before' = 'after'): Position => {
  try {
    const fields = z.parse(Fields, JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
    if (encode(fields) === cursor) return { at: new Date(fields[0]).toISOString(), uuid: fields[1] }
  } catch {}
  throw invalidInput({ [field]: 'is not a cursor of ours' })
}

const encode = (fields: readonly [number, string]): string => Buffer.from(JSON.stringify(fields)).toString('base64url')
