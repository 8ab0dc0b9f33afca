import { hoursByTtl } from '@cruddur/shared/activities'
import { oldest, type Position } from '../cursor.ts'

/** A stretch of the past: what is before `from`, and not before `until`; to the very beginning where that is null. */
export type Window = { from: Position; until: Position | null }

/** The newest few before a place, and how many of them match as far as the index of words can tell. */
export type Sample = { examined: number; near: number; newest_at: Date | null; oldest_at: Date | null }

/** As many are looked at before anything is looked for. */
export const sampleSize = 500
/** What is ranked together: so many of the newest that match. */
export const windowSize = 100

const shortestMs = 60_000
const longestMs = Math.max(...Object.values(hoursByTtl)) * 3_600_000
const wider = 16
/** About so many are read from the index at most, however few of them have the words beside each other. */
const mostMatches = 2_000
/** Where none in the sample matches: it is taken for one in a thousand. */
const unseen = 0.5

/** How long windows should be, one after the other until enough is found: the first one has what is ranked together, if the sample is like the rest. */
export function* windowsFrom(from: Position, { examined, near, newest_at, oldest_at }: Sample): Generator<Window> {
  if (examined === sampleSize && newest_at && oldest_at) {
    const perMs = Math.max(near, unseen) / Math.max(1, newest_at.getTime() - oldest_at.getTime())
    for (let ms = Math.max(shortestMs, windowSize / perMs); ms < longestMs; ms *= wider) {
      yield { from, until: { ...oldest, at: new Date(Date.parse(from.at) - ms).toISOString() } }
      if (ms * wider * perMs > mostMatches) return
    }
  }
  yield { from, until: null }
}

/** The stretches that an activity has among its words, in seconds. */
const stretches = [60, 600, 3_600, 21_600, 86_400]
const mostStretches = 12

/** The words of time that cover a window, as a query for any of them; null where they would leave little out. */
export const timesOf = ({ from, until }: Window): string | null => {
  if (!until) return null
  const [begin, end] = [Date.parse(until.at) / 1_000, Date.parse(from.at) / 1_000]
  const length = stretches.find((seconds) => (end - begin) / seconds <= mostStretches)
  if (!length) return null
  const first = Math.floor(begin / length)
  return Array.from({ length: Math.floor(end / length) - first + 1 }, (_, n) => `'${length}s ${first + n}'`).join(' | ')
}
