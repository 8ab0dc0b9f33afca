import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'

const people = ['andrewbrown', 'worf', 'garek']
const writersOfPerson = 2
const timeoutMs = 3_000
const pauseMs = 20
const afterFailureMs = 100

/** `failed` counts attempts. An attempt is repeated with the same Idempotency-Key until it is acknowledged. */
export type Counts = { acknowledged: number; failed: number }

/** People who write one crud after another, whatever happens to the product. */
export const startWriters = async (url: string) => {
  const acknowledged = new Set<string>()
  let counts: Counts = { acknowledged: 0, failed: 0 }
  let stopped = false

  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    })

  const signIn = async (handle: string): Promise<string> => {
    for (;;) {
      const answer = await post('/api/session/demo', { handle }).catch(() => null)
      await answer?.arrayBuffer().catch(() => {})
      const cookie = answer?.headers.getSetCookie()[0]?.split(';')[0]
      if (cookie) return cookie
      await delay(afterFailureMs)
    }
  }

  const write = async (cookie: string) => {
    for (let n = 0; !stopped; n++) {
      const key = randomUUID()
      const message = `Kill ${n} ${key}`
      while (!stopped) {
        const answer = await post('/api/activities', { message, ttl: '1-day' }, { cookie, 'idempotency-key': key })
          .then(async (response) => response.ok && (await response.json()))
          .catch(() => false)
        if (answer) {
          acknowledged.add(message)
          counts.acknowledged++
          break
        }
        counts.failed++
        await delay(afterFailureMs)
      }
      await delay(pauseMs)
    }
  }

  const cookies = await Promise.all(people.map(signIn))
  const writing = cookies.flatMap((cookie) => Array.from({ length: writersOfPerson }, () => write(cookie)))

  return {
    resetCounts: () => {
      counts = { acknowledged: 0, failed: 0 }
    },
    counts: () => counts,
    /** Waits until more cruds are acknowledged than there are writers, so that at least one began after the kill. */
    untilBack: async (withinMs: number) => {
      const before = acknowledged.size
      const until = performance.now() + withinMs
      while (acknowledged.size <= before + writing.length) {
        if (performance.now() > until) throw new Error(`nothing could be written within ${withinMs} ms`)
        await delay(10)
      }
    },
    /** Ends the writers and returns all that was acknowledged. */
    stop: async () => {
      stopped = true
      await Promise.all(writing)
      return acknowledged
    },
  }
}
