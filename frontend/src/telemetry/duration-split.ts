type Milestones = Pick<PerformanceResourceTiming, 'domainLookupStart' | 'connectEnd' | 'requestStart' | 'responseEnd'>

type Split = { beforeSendMs: number | null; networkMs: number }

/** The browser's clock is no finer than this, and neither is a number that comes of it. */
export const rounded = (ms: number): number => Math.round(ms * 100) / 100

/** Another origin that does not allow its timing to be seen shows zeroes. */
export const isToldIn = ({ requestStart }: Pick<Milestones, 'requestStart'>): boolean => requestStart > 0

/**
 * A fetch takes the time before it is sent (a preflight is a part of that), the network's and the server's. Where the browser does not tell when it sent
 * the request, what is not the server's counts as the network's.
 */
export const splitDuration = (durationMs: number, serverMs: number, timing: Milestones | undefined): Split => {
  const restMs = Math.max(0, durationMs - serverMs)
  if (!timing || !isToldIn(timing)) return { beforeSendMs: null, networkMs: rounded(restMs) }
  const connectMs = timing.connectEnd - timing.domainLookupStart
  const underwayMs = connectMs + timing.responseEnd - timing.requestStart
  const networkMs = rounded(Math.min(restMs, Math.max(0, underwayMs - serverMs)))
  return { beforeSendMs: Math.max(0, rounded(restMs - networkMs)), networkMs }
}
