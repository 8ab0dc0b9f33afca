import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { liveChannel } from '../db/announce.ts'
import { log } from '../telemetry/index.ts'

const limits = { connectionTimeoutMillis: 2_000, query_timeout: 2_000, keepAlive: true }
const firstRetryMs = 100
const lastRetryMs = 5_000
const probeIntervalMs = 10_000
const closeTimeoutMs = 500

type Options = {
  readonly url: string
  /** Connects when this resolves. */
  readonly ready: Promise<void>
  readonly onNote: (payload: string) => void
  /** Called after a reconnect, because the notes in between are lost. */
  readonly onMissed: () => void
}

type LiveConnection = {
  readonly isListening: () => boolean
  /** Resolves when it listens for the first time, or is closed. */
  readonly ready: Promise<void>
  readonly close: () => Promise<void>
}

/** A connection that only LISTENs. The pool could close a connection of its own. */
export const openLiveConnection = ({ url, ready, onNote, onMissed }: Options): LiveConnection => {
  const stop = new AbortController()
  const stopped = once(stop.signal, 'abort')
  const first = Promise.withResolvers<void>()
  let isListening = false
  let hasListened = false

  const listenOnce = async () => {
    const client = new pg.Client({ connectionString: url, application_name: 'cruddur-live', ...limits })
    const lost = new Promise<void>((resolve) => client.on('error', () => resolve()).on('end', resolve))
    client.on('notification', ({ payload = '' }) => onNote(payload))
    try {
      await client.connect()
      await client.query(`LISTEN ${liveChannel}`)
      isListening = true
      if (hasListened) onMissed()
      hasListened = true
      first.resolve()
      await Promise.race([lost, silence(client, stop.signal), stopped])
    } finally {
      isListening = false
      await Promise.race([client.end().catch(() => {}), delay(closeTimeoutMs, undefined, { ref: false })])
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
      log.warn('lost the connection for live events; reconnecting', { wait_ms: waitMs })
      await delay(waitMs, undefined, { signal: stop.signal }).catch(() => {})
    }
    first.resolve()
  }
  const listening = listen()

  return {
    isListening: () => isListening,
    ready: first.promise,
    close: async () => {
      stop.abort()
      await listening
    },
  }
}

/** Resolves when the server no longer answers. The connection itself would not notice. */
const silence = async (client: pg.Client, signal: AbortSignal): Promise<void> => {
  try {
    for (;;) {
      await delay(probeIntervalMs, undefined, { signal, ref: false })
      await client.query('SELECT 1')
    }
  } catch {}
}
