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
  /** So many were looked at, of the newest one in eight, */
  looked_at: number
  /** back to here, */
  oldest_at: Date | null
  /** and so many of them match, as far as the index of words can tell. */
  near: number
  /** When as many of those were there as a window has; null where there are fewer. */
  reached_at: Date | null
  /** Words must stand beside each other, which the index cannot tell. */
  is_phrase: boolean
}

export const sampleSize = 1_000
/** Whichever: what somebody wrote a hundred times just now says little of what there is. */
const sampledOneIn = 8
export const sampledBelow = '20000000-0000-0000-0000-000000000000'
/** What is ranked together: so many of the newest that match. */
export const windowSize = 100
/** Of them, so many are in the sample. */
export const sampledOfWindow = Math.ceil(windowSize / sampledOneIn)
/** Fewer have the words of a phrase beside each other than have them at all: so much more is looked through, and where that is not enough, four times as much. */
export const phraseWider = 2

/** The stretches that an activity has among its words, in seconds. */
const day = 86_400
const stretches = [60, 600, 3_600, 21_600, day]
const mostStretches = 12

/** Nothing older is left. */
const longestLifeMs = 30 * day * 1_000

/** Where fewer than a page were found it cannot be too much. */
const wider = 50
/** Where none in the sample matches, half a one is taken to. */
const unseen = 0.5

/** Windows to try one after the other, until enough is found: each is much longer than the one before. */
export function* windowsFrom(from: Position, sample: Sample): Generator<Window> {
  const { looked_at, oldest_at, near, reached_at, is_phrase } = sample
  const end = Date.parse(from.at)
  const msTo = (at: Date | null) => (at ? Math.max(1, end - at.getTime()) : 0)
  const window = (ms: number, isLast: boolean): Window => {
    return { from, until: { ...oldest, at: new Date(end - ms).toISOString() }, isLast }
  }
  const wanted = sampledOfWindow * (is_phrase ? phraseWider : 1)
  const expected = (msTo(oldest_at) * wanted) / Math.max(near, unseen)
  const mostMs = looked_at < sampleSize ? msTo(oldest_at) : longestLifeMs
  const first = Math.ceil(msTo(reached_at) || expected)
  for (let ms = first; ms < mostMs; ms *= is_phrase ? 2 * phraseWider : wider) {
    yield window(ms, false)
    if (is_phrase && ms > first) return
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
