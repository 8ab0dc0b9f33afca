import * as z from 'zod/mini'
import { decodeCursor, encodeCursor, Place, type Position, placeOf, positionAt } from '../cursor.ts'

/** A place among those found by words: within which window of them, and after which of its ranks. */
export type SearchPosition = {
  from: Position | null
  until: Position | null
  last: (Position & { rank: number }) | null
}

const mostRank = 1e6
const SearchPlace = z.tuple([
  z.nullable(Place),
  z.nullable(Place),
  z.nullable(z.tuple([z.number().check(z.minimum(0), z.maximum(mostRank)), Place])),
])

export const encodeSearchPosition = ({ from, until, last }: SearchPosition): string =>
  encodeCursor([from && placeOf(from), until && placeOf(until), last && [last.rank, placeOf(last)]])

export const decodeSearchPosition = (cursor: string): SearchPosition => {
  const [from, until, last] = decodeCursor(SearchPlace, cursor)
  return {
    from: from && positionAt(from),
    until: until && positionAt(until),
    last: last && { rank: last[0], ...positionAt(last[1]) },
  }
}
