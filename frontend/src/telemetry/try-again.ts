import { unzonedListen, unzonedTimeout } from './before-zone.ts'

const firstWaitMs = 1_000
const longestWaitMs = 5 * 60_000

/** Until `run` succeeds: when the network is back, and after waits that double, because a browser may not notice that. */
export const tryAgain = async (run: () => Promise<unknown>, wait = timeOrNetwork): Promise<void> => {
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    await wait(waitMs)
    try {
      await run()
      return
    } catch {}
  }
}

const timeOrNetwork = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    const over = new AbortController()
    const end = () => {
      over.abort()
      resolve()
    }
    unzonedTimeout(end, ms)
    unzonedListen('online', end, { signal: over.signal })
  })
