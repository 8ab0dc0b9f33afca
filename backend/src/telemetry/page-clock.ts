const nanosOfMs = 1_000_000n
const hourMs = 60 * 60_000

/** How far a page's clock may be ahead of or behind the server's before it is corrected. */
const believedMs = 10 * 60_000
/** What waited longer than this in a page that says when it sends is not taken. */
const oldestMs = 7 * 24 * hourMs
/** A page that does not say when it sends. */
const oldestUndatedMs = hourMs

export type Window = { readonly from: bigint; readonly to: bigint }

export const nanosAt = (ms: number): bigint => BigInt(Math.round(ms)) * nanosOfMs

export const plausible = (nowMs: number, ageMs = oldestMs): Window => ({
  from: nanosAt(nowMs - ageMs),
  to: nanosAt(nowMs + believedMs),
})

export const isWithin = (nanos: bigint, { from, to }: Window): boolean => nanos >= from && nanos <= to

/**
 * By how many milliseconds a whole batch is moved so that it fits our clock: 0 while the page's clock is believed. The
 * page's own time of sending tells a wrong clock from a long wait; where that is missing or does not help, the batch
 * was sent when its last span ended.
 */
export const clockShiftMs = (latestEnd: bigint, sentAtMs: number | undefined, nowMs: number): number => {
  const toldMs = sentAtMs === undefined ? 0 : Math.round(nowMs - sentAtMs)
  const shiftMs = Math.abs(toldMs) > believedMs ? toldMs : 0
  const window = plausible(nowMs, sentAtMs === undefined ? oldestUndatedMs : oldestMs)
  if (isWithin(latestEnd + nanosAt(shiftMs), window)) return shiftMs
  return Math.round(nowMs - Number(latestEnd / nanosOfMs))
}
