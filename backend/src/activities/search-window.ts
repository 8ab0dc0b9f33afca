import { oldest, type Position } from '../cursor.ts'

/** A stretch of the past: what is before `from`, and not before `until`; to the very beginning where that is null. */
export type Window = { from: Position; until: Position | null }

/** What was found out about a place before anything is looked for. */
export type Sample = {
  newest_at: Date | null
  /** How many of the newest few match, as far as the index of words can tell. */
  near: number
  /** Words must stand beside each other, which the index cannot tell. */
  is_phrase: boolean
  /** If all were like those, the window would go back over so many, */
  reached: number
  /** to here. */
  reached_at: Date | null
}

export const sampleSize = 500
/** What is ranked together: so many of the newest that match. */
export const windowSize = 100
/** So many are counted at most; further back one guesses. */
export const mostReached = 2_000

/** The stretches that an activity has among its words, in seconds. */
const stretches = [60, 600, 3_600, 21_600, 86_400]
const mostStretches = 12

/** What is longer is no window: the stretches that cover it would leave little out. */
const longestMs = mostStretches * 86_400_000

const wider = 16
/** About so many are looked at for a phrase at most, however few have it. */
const mostMatches = 2_000
/** Where none in the sample matches: it is taken for one in a thousand. */
const unseen = 0.5

/** Windows to try one after the other, until enough is found: each is much longer than the one before. */
export function* windowsFrom(from: Position, { near, is_phrase, reached, reached_at }: Sample): Generator<Window> {
  if (reached_at && reached >= Math.min(mostReached, Math.floor((windowSize * sampleSize) / Math.max(near, 1)))) {
    const back = Math.max(1, Date.parse(from.at) - reached_at.getTime())
    const matchesPerMs = ((reached / back) * Math.max(near, unseen)) / sampleSize
    for (let ms = Math.ceil(windowSize / matchesPerMs); ms < longestMs; ms *= wider) {
      yield { from, until: { ...oldest, at: new Date(Date.parse(from.at) - ms).toISOString() } }
      if (is_phrase && ms * wider * matchesPerMs > mostMatches) return
    }
  }
  yield { from, until: null }
}

/** The words of time that cover a window, as a query for any of them. */
export const timesOf = ({ from, until }: Window): string | null => {
  if (!until) return null
  const [begin, end] = [Date.parse(until.at) / 1_000, Date.parse(from.at) / 1_000]
  const length = stretches.find((seconds) => (end - begin) / seconds <= mostStretches)
  if (!length) return null
  const first = Math.floor(begin / length)
  return Array.from({ length: Math.floor(end / length) - first + 1 }, (_, n) => `'${length}s ${first + n}'`).join(' | ')
}
