const nanosOfMs = 1_000_000n
const hourMs = 60 * 60_000

/** A page's clock may differ from the server's by this much before it is corrected. */
const toleratedMs = 10 * 60_000
/** Older spans are rejected. */
const oldestMs = 7 * 24 * hourMs
/** The same limit for a page that does not say when it sends. */
const oldestUndatedMs = hourMs

export type TimeRange = { readonly from: bigint; readonly to: bigint }

export const nanosAt = (ms: number): bigint => BigInt(Math.round(ms)) * nanosOfMs

export const plausible = (nowMs: number, ageMs = oldestMs): TimeRange => ({
  from: nanosAt(nowMs - ageMs),
  to: nanosAt(nowMs + toleratedMs),
})

export const isWithin = (nanos: bigint, { from, to }: TimeRange): boolean => nanos >= from && nanos <= to

/**
 * By how many milliseconds a whole batch moves to fit the server's clock; 0 while the page's clock is close enough. The
 * time of sending tells a wrong clock from a long wait. When it is missing or implausible, the end of the last span
 * counts as the time of sending.
 */
export const clockShiftMs = (latestEnd: bigint, sentAtMs: number | undefined, nowMs: number): number => {
  const differenceMs = sentAtMs === undefined ? 0 : Math.round(nowMs - sentAtMs)
  const shiftMs = Math.abs(differenceMs) > toleratedMs ? differenceMs : 0
  const range = plausible(nowMs, sentAtMs === undefined ? oldestUndatedMs : oldestMs)
  if (isWithin(latestEnd + nanosAt(shiftMs), range)) return shiftMs
  return Math.round(nowMs - Number(latestEnd / nanosOfMs))
}
