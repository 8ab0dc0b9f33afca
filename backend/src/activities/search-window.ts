import { oldest, type Position } from '../cursor.ts'

/** A stretch of the past: what is before `from`, and not before `until`. */
export type Window = {
  from: Position
  until: Position
  /** Nothing that lives is older. */
  isLast: boolean
}

/** What was found out about a place before anything is looked for. */
export type Sample = {
  newest_at: Date
  /** How many of the newest few match, as far as the index of words can tell. */
  near: number
  /** Words must stand beside each other, which the index cannot tell. */
  is_phrase: boolean
  /** If all were like those, the window would go back over so many, */
  reached: number
  /** to here. */
  reached_at: Date
}

export const sampleSize = 500
/** What is ranked together: so many of the newest that match. */
export const windowSize = 100
/** So many are counted at most; further back one guesses. */
export const mostReached = 2_000

/** The stretches that an activity has among its words, in seconds. */
const day = 86_400
const stretches = [60, 600, 3_600, 21_600, day]
const mostStretches = 12

/** Nothing older is left. */
const longestLifeMs = 30 * day * 1_000

/** Where fewer than a page were found it cannot be too much. */
const wider = 50
/** For each that has the words of a phrase beside each other, so many have them anywhere: all of them are looked through at once, and no more for a page. */
const apart = 6
/** Where none in the sample matches: it is taken for one in a thousand. */
const unseen = 0.5

/** Windows to try one after the other, until enough is found: each is much longer than the one before. */
export function* windowsFrom(from: Position, { near, is_phrase, reached, reached_at }: Sample): Generator<Window> {
  const back = Math.max(1, Date.parse(from.at) - reached_at.getTime())
  const window = (ms: number, isLast: boolean): Window => {
    return { from, until: { ...oldest, at: new Date(Date.parse(from.at) - ms).toISOString() }, isLast }
  }
  if (reached < Math.min(mostReached, Math.floor((windowSize * sampleSize) / Math.max(near, 1))))
    return yield window(back, true)
  const matchesPerMs = ((reached / back) * Math.max(near, unseen)) / sampleSize
  const first = Math.ceil((windowSize * (is_phrase ? apart : 1)) / matchesPerMs)
  for (let ms = first; ms < longestLifeMs; ms *= wider) {
    yield window(ms, false)
    if (is_phrase) return
  }
  yield window(longestLifeMs, true)
}

/** The words of time that cover a window, as a query for any of them. A window out of a forged cursor can be of any length. */
export const timesOf = ({ from, until }: Pick<Window, 'from' | 'until'>): string => {
  const end = Date.parse(from.at) / 1_000
  const begin = Math.min(end, Math.max(Date.parse(until.at) / 1_000, end - longestLifeMs / 1_000))
  const length = stretches.find((seconds) => (end - begin) / seconds <= mostStretches) ?? day
  const first = Math.floor(begin / length)
  return Array.from({ length: Math.floor(end / length) - first + 1 }, (_, n) => `'${length}s ${first + n}'`).join(' | ')
}
