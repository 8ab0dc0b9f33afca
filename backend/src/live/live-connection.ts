import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { liveChannel } from '../db/announce.ts'
import { log } from '../telemetry/index.ts'

const limits = { connectionTimeoutMillis: 2_000, query_timeout: 2_000, keepAlive: true }
const firstRetryMs = 100
const lastRetryMs = 5_000
const askEveryMs = 10_000
const goodbyeMs = 500

type Options = {
  readonly url: string
  /** Not before: there is nothing to hear, and nobody who would answer. */
  readonly ready: Promise<void>
  readonly hear: (payload: string) => void
  /** It listens again after it did not: whatever was said meanwhile is lost. */
  readonly missed: () => void
}

type LiveConnection = {
  readonly isHearing: () => boolean
  /** Fulfilled when it hears for the first time, or never will. */
  readonly ready: Promise<void>
  readonly close: () => Promise<void>
}

/** One connection of this process that does nothing but LISTEN: a pooled one would be taken away, and its notifications with it. */
export const openLiveConnection = ({ url, ready, hear, missed }: Options): LiveConnection => {
  const stop = new AbortController()
  const stopped = once(stop.signal, 'abort')
  const first = Promise.withResolvers<void>()
  let hearing = false
  let heardBefore = false

  const listenOnce = async () => {
    const client = new pg.Client({ connectionString: url, application_name: 'cruddur-live', ...limits })
    const lost = new Promise<void>((resolve) => client.on('error', () => resolve()).on('end', resolve))
    client.on('notification', ({ payload = '' }) => hear(payload))
    try {
      await client.connect()
      await client.query(`LISTEN ${liveChannel}`)
      hearing = true
      if (heardBefore) missed()
      heardBefore = true
      first.resolve()
      await Promise.race([lost, silence(client, stop.signal), stopped])
    } finally {
      hearing = false
      await Promise.race([client.end().catch(() => {}), delay(goodbyeMs, undefined, { ref: false })])
    }
  }

  const listen = async () => {
    await Promise.race([ready, stopped])
    let waitMs = firstRetryMs
    while (!stop.signal.aborted) {
      try {
        await listenOnce()
        waitMs = firstRetryMs
      } catch {
        waitMs = Math.min(waitMs * 2, lastRetryMs)
      }
      if (stop.signal.aborted) break
      log.warn('nothing is heard from the database; listening again', { wait_ms: waitMs })
      await delay(waitMs, undefined, { signal: stop.signal }).catch(() => {})
    }
    first.resolve()
  }
  const listening = listen()

  return {
    isHearing: () => hearing,
    ready: first.promise,
    close: async () => {
      stop.abort()
      await listening
    },
  }
}

/** A connection whose other end vanished says nothing by itself: it is asked now and then. */
const silence = async (client: pg.Client, signal: AbortSignal): Promise<void> => {
  try {
    for (;;) {
      await delay(askEveryMs, undefined, { signal, ref: false })
      await client.query('SELECT 1')
    }
  } catch {}
}
