import * as z from 'zod/mini'
import { invalidInput } from '../errors.ts'

export type Position = { at: string; uuid: string }
/** A place among those found by words: within which window of them, and after which of its ranks. */
export type SearchPosition = {
  from: Position | null
  until: Position | null
  last: (Position & { rank: number }) | null
}

// PostgreSQL's times reach further than JavaScript's, and the other way round: these both know.
const Millis = z.int().check(z.minimum(0), z.maximum(Date.UTC(9999, 11, 31)))
const Place = z.tuple([Millis, z.uuid()])
const SearchPlace = z.tuple([
  z.nullable(Place),
  z.nullable(Place),
  z.nullable(z.tuple([z.number().check(z.minimum(0), z.maximum(1e6)), Millis, z.uuid()])),
])

/** Where a page ended. Opaque to the page: its meaning may change with the order of the list. */
export const encodePosition = (position: Position): string => encode(placeOf(position))
export const decodePosition = (cursor: string): Position => positionAt(decode(Place, cursor))

export const encodeSearchPosition = ({ from, until, last }: SearchPosition): string =>
  encode([from && placeOf(from), until && placeOf(until), last && [last.rank, ...placeOf(last)]])

export const decodeSearchPosition = (cursor: string): SearchPosition => {
  const [from, until, last] = decode(SearchPlace, cursor)
  return {
    from: from && positionAt(from),
    until: until && positionAt(until),
    last: last && { rank: last[0], ...positionAt([last[1], last[2]]) },
  }
}

const placeOf = ({ at, uuid }: Position): [number, string] => [Date.parse(at), uuid]
const positionAt = ([millis, uuid]: [number, string]): Position => ({ at: new Date(millis).toISOString(), uuid })

const encode = (fields: unknown): string => Buffer.from(JSON.stringify(fields)).toString('base64url')

const decode = <Fields extends z.ZodMiniType>(schema: Fields, cursor: string): z.infer<Fields> => {
  try {
    const fields = z.parse(schema, JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
    if (encode(fields) === cursor) return fields
  } catch {}
  throw invalidInput({ after: 'is not a cursor of ours' })
}
