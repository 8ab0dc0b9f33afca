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
const complaintIntervalMs = 60_000
const upkeepIntervalMs = 15 * 60_000
const sweepIntervalMs = 60_000
const sweepTimeoutMs = 30_000

export type Storage = {
  readonly assertReady: () => void
  readonly check: () => Promise<Pick<Health, 'ready' | 'database'>>
  /** The number of queries that wait for a connection. */
  readonly waiting: () => number
  /** Reports "not ready" from now on, so that the load balancer sends no more requests. */
  readonly retire: () => void
  readonly close: () => Promise<void>
  /** Resolves when the database is ready for the first time. */
  readonly ready: Promise<void>
}

/** Opens at once, and becomes ready when the database answers. */
export const openStorage = ({ url, demoPeople }: { url: string; demoPeople: boolean }): Storage => {
  const stop = new AbortController()
  let state: 'preparing' | 'ready' | 'retired' = 'preparing'
  let checking: Promise<boolean> | undefined
  // The health check has its own connection, so that it does not wait for a busy pool.
  const healthPool = createPool(url, { max: 1, query_timeout: 1_000 })
  // An activity can have many likes and replies, so a sweep may take longer than a request.
  const sweepPool = createPool(url, {
    max: 1,
    statement_timeout: sweepTimeoutMs,
    query_timeout: sweepTimeoutMs + 1_000,
  })
  openPool(url)

  const upkeep = async () => {
    if (demoPeople && (await seed(healthPool))) log.info('seeded the first activities')
    await healthPool.query('DELETE FROM sessions WHERE expires_at <= now()')
    if (!demoPeople)
      await healthPool.query('DELETE FROM sessions USING users WHERE users.uuid = user_uuid AND users.demo')
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
        if (!stop.signal.aborted && performance.now() - complainedAt > complaintIntervalMs) {
          complainedAt = performance.now()
          log.error('the database is not ready; trying again', { reason: reasonOf(error) })
        }
        await delay(waitMs, undefined, { signal: stop.signal }).catch(() => {})
      }
    }
  }

  const ready = prepare()
  // A clean-up that fails runs again later. Queries never return expired rows.
  const timers = [
    setInterval(() => void (state === 'ready' && upkeep().catch(() => {})), upkeepIntervalMs).unref(),
    setInterval(() => void (state === 'ready' && sweepOnce()), sweepIntervalMs).unref(),
  ]

  let isSweeping = false
  const sweepOnce = async () => {
    if (isSweeping) return
    isSweeping = true
    await sweep(sweepPool, stop.signal).catch((error) =>
      log.warn('expired activities could not be removed', { reason: reasonOf(error) }),
    )
    isSweeping = false
  }

  const answers = () => {
    checking ??= healthPool
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
      await Promise.all([closePool(), healthPool.end(), sweepPool.end()])
    },
  }
}

// `localhost` has two addresses, and the error after both have failed has no message.
const reasonOf = (error: unknown): string =>
  error instanceof AggregateError ? error.errors.map(reasonOf).join('; ') : String((error as Error).message ?? error)
