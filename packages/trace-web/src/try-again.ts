import { plainListen, plainTimeout } from './context/outside.ts'

const firstWaitMs = 1_000
const maxWaitMs = 5 * 60_000

/** Repeats `run` until it succeeds: after waits that double, and when the browser says that the network is back. */
export const tryAgain = async (run: () => Promise<unknown>, wait = timerOrNetwork): Promise<void> => {
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, maxWaitMs)) {
    await wait(waitMs)
    try {
      await run()
      return
    } catch {}
  }
}

const timerOrNetwork = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    const done = new AbortController()
    const end = () => {
      done.abort()
      resolve()
    }
    plainTimeout(end, ms)
    plainListen('online', end, { signal: done.signal })
  })
