import { setTimeout as delay } from 'node:timers/promises'
import type { Health } from '@cruddur/shared/health'
import { unavailable } from '../errors.ts'
import { log } from '../telemetry/index.ts'
import { migrate } from './migrate.ts'
import { closePool, createPool, openPool, queriesWaiting, wasDiskFull } from './pool.ts'
import { seed } from './seed.ts'
import { sweep } from './sweep.ts'

const firstRetryMs = 100
const lastRetryMs = 1_000
const complainEveryMs = 60_000
const upkeepEveryMs = 15 * 60_000
const sweepEveryMs = 60_000
const sweepPatienceMs = 30_000

export type Storage = {
  readonly assertReady: () => void
  readonly check: () => Promise<Pick<Health, 'ready' | 'database'>>
  /** How many queries wait for a connection. */
  readonly waiting: () => number
  /** From now on "not ready", so that no balancer sends more; what runs may finish. */
  readonly retire: () => void
  readonly close: () => Promise<void>
  /** Fulfilled when it is ready for the first time. */
  readonly ready: Promise<void>
}

/** Opens at once and becomes ready when the database answers, however long that takes. */
export const openStorage = ({ url, demoPeople }: { url: string; demoPeople: boolean }): Storage => {
  const stop = new AbortController()
  let state: 'preparing' | 'ready' | 'retired' = 'preparing'
  let checking: Promise<boolean> | undefined
  // A connection of its own: a full pool does not make the health check fail, nor wait.
  const own = createPool(url, { max: 1, query_timeout: 1_000 })
  // What hangs on a single activity may be a lot: nobody waits for it, so it may take longer than a request.
  const sweeping = createPool(url, {
    max: 1,
    statement_timeout: sweepPatienceMs,
    query_timeout: sweepPatienceMs + 1_000,
  })
  openPool(url)

  const upkeep = async () => {
    if (demoPeople && (await seed(own))) log.info('seeded the first activities')
    await own.query('DELETE FROM sessions WHERE expires_at <= now()')
    if (!demoPeople) await own.query('DELETE FROM sessions USING users WHERE users.uuid = user_uuid AND users.demo')
  }

  const prepare = async () => {
    let complainedAt = Number.NEGATIVE_INFINITY
    for (let waitMs = firstRetryMs; !stop.signal.aborted; waitMs = Math.min(waitMs * 2, lastRetryMs)) {
      try {
        await migrate(url, stop.signal)
        await upkeep()
        if (state === 'preparing') state = 'ready'
        return
      } catch (error) {
        if (!stop.signal.aborted && performance.now() - complainedAt > complainEveryMs) {
          complainedAt = performance.now()
          log.error('the database is not ready; trying again', { reason: reasonOf(error) })
        }
        await delay(waitMs, undefined, { signal: stop.signal }).catch(() => {})
      }
    }
  }

  const ready = prepare()
  // What cannot be tidied now is tidied the next time; the queries themselves decide what has expired.
  const timers = [
    setInterval(() => void (state === 'ready' && upkeep().catch(() => {})), upkeepEveryMs).unref(),
    setInterval(() => void (state === 'ready' && sweepOnce()), sweepEveryMs).unref(),
  ]

  let sweepRuns = false
  const sweepOnce = async () => {
    if (sweepRuns) return
    sweepRuns = true
    await sweep(sweeping, stop.signal).catch((error) => log.warn('could not sweep', { reason: reasonOf(error) }))
    sweepRuns = false
  }

  const answers = () => {
    checking ??= own
      .query('SELECT 1')
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        checking = undefined
      })
    return checking
  }

  return {
    ready,
    assertReady: () => {
      if (state === 'preparing') throw unavailable()
    },
    check: async () => {
      const up = await answers()
      return { ready: up && state === 'ready', database: !up ? 'down' : wasDiskFull() ? 'disk full' : 'up' }
    },
    waiting: queriesWaiting,
    retire: () => {
      state = 'retired'
    },
    close: async () => {
      for (const timer of timers) clearInterval(timer)
      stop.abort()
      await ready
      await Promise.all([closePool(), own.end(), sweeping.end()])
    },
  }
}

// `localhost` is tried as two addresses, and the error of that has no message of its own.
const reasonOf = (error: unknown): string =>
  error instanceof AggregateError ? error.errors.map(reasonOf).join('; ') : String((error as Error).message ?? error)
