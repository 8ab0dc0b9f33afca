import { hoursByTtl } from '@cruddur/shared/activities'
import { oldest, type Position } from '../cursor.ts'

/** A stretch of the past: what is before `from`, and not before `until`; to the very beginning where that is null. */
export type Window = { from: Position; until: Position | null }

/** What was found out about a place before anything is looked for. */
export type Sample = {
  newest_at: Date | null
  /** How many of the newest few match, as far as the index of words can tell. */
  near: number
  /** If all were like those, the window would go back over so many, */
  reached: number
  /** to here. */
  reached_at: Date | null
}

export const sampleSize = 500
/** What is ranked together: so many of the newest that match. */
export const windowSize = 100
/** So many are counted at most; further back one guesses. */
export const mostReached = 5_000

const longestMs = Math.max(...Object.values(hoursByTtl)) * 3_600_000
const wider = 16
/** About so many are read from the index at most, however few of them have the words beside each other. */
const mostMatches = 2_000
/** Where none in the sample matches: it is taken for one in a thousand. */
const unseen = 0.5

/** Windows to try one after the other, until enough is found: each is much longer than the one before. */
export function* windowsFrom(from: Position, { near, reached, reached_at }: Sample): Generator<Window> {
  if (reached_at && reached >= Math.min(mostReached, Math.floor((windowSize * sampleSize) / Math.max(near, 1)))) {
    const back = Math.max(1, Date.parse(from.at) - reached_at.getTime())
    const matchesPerMs = ((reached / back) * Math.max(near, unseen)) / sampleSize
    for (let ms = Math.ceil(windowSize / matchesPerMs); ms < longestMs; ms *= wider) {
      yield { from, until: { ...oldest, at: new Date(Date.parse(from.at) - ms).toISOString() } }
      if (ms * wider * matchesPerMs > mostMatches) return
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
