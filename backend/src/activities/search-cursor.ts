import * as z from 'zod/mini'
import { decodeCursor, encodeCursor, Place, type Position, placeOf, positionAt } from '../cursor.ts'

/** Where a window begins, and how far it has been read: then where it ends is known. */
export type SearchPosition = { from: Position; read: Read | null }
type Read = { until: Position; rank: number; last: Position }

const mostRank = 1e6
const Rank = z.number().check(z.minimum(0), z.maximum(mostRank))
const Fields = z.union([z.tuple([Place]), z.tuple([Place, Place, Rank, Place])])

export const encodeSearchPosition = ({ from, read }: SearchPosition): string =>
  encodeCursor(read ? [placeOf(from), placeOf(read.until), read.rank, placeOf(read.last)] : [placeOf(from)])

export const decodeSearchPosition = (cursor: string): SearchPosition => {
  const [from, ...rest] = decodeCursor(Fields, cursor)
  if (rest.length === 0) return { from: positionAt(from), read: null }
  const [until, rank, last] = rest
  return { from: positionAt(from), read: { until: positionAt(until), rank, last: positionAt(last) } }
}
