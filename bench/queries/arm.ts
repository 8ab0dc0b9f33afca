import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { type Backend, startBackend } from '../../e2e/faults/backend.ts'
import { createDatabase } from '../../e2e/src/database.ts'
import { type Ask, answerTo, asksOf } from './asks.ts'
import type { Seen } from './plans.ts'

export type Sizes = { readonly activities: number; readonly people: number; readonly likes: number }
export type Arm = {
  readonly url: string
  readonly databaseUrl: string
  readonly asks: readonly Ask[]
  /** Rows, after the sweep. */
  readonly counts: Sizes
  /** The statements of each request, explained by a recording backend before it runs them. */
  readonly plans: (options?: string) => Promise<{ ask: string; seen: Seen[] }[]>
  /** Another process of the same backend. */
  readonly start: () => Promise<Backend>
  readonly close: () => Promise<void>
}

const fillScript = fileURLToPath(new URL('../fill/main.mjs', import.meta.url))
const recorder = fileURLToPath(new URL('./recorder.ts', import.meta.url))
const env = {
  DEMO_PEOPLE: 'false',
  // Without telemetry SQL is the larger part of each answer, so the arms differ as much as they can.
  OTEL_SDK_DISABLED: 'true',
  REQUESTS_PER_MINUTE: '999999',
  WRITES_PER_MINUTE: '999999',
}
const signedOut = { cookie: '', activity: '' }
const sweptWithinMs = 15 * 60_000

/** A tenth of a fill has already expired and is deleted. */
export const sizesFor = (activities: number): Sizes => {
  const all = Math.ceil(activities * 1.11)
  return { activities: all, people: Math.max(1_000, activities / 10), likes: all }
}

type Options = {
  readonly sizes: Sizes
  readonly swept: boolean
  /** The names of the requests. By default, all. */
  readonly only?: readonly string[]
}

/** A filled database with a real backend. */
export const openArm = async ({ sizes, swept, only }: Options): Promise<Arm> => {
  const database = await createDatabase()
  const start = () => startBackend({ env, databaseUrl: database.url, target: signedOut })
  const backend = await start()
  const close = async () => {
    await backend.end()
    // Only a superuser may drop a database during a vacuum.
    for (let left = 60; ; left--) {
      const failed = await database.drop().then(
        () => false,
        () => true,
      )
      if (!failed || left === 0) return
      await delay(1_000)
    }
  }
  try {
    await fill(database.url, sizes)
    if (swept) await waitForSweep(database.url)
    const { url } = backend.target
    return {
      url,
      databaseUrl: database.url,
      counts: await countsIn(database.url),
      asks: await asksOf(url, database.url, only),
      plans: (options) => plansOf(database.url, options, only),
      start,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const fill = async (databaseUrl: string, sizes: Sizes): Promise<void> => {
  const args = Object.entries(sizes).flatMap(([name, size]) => [`--${name}`, String(size)])
  const child = spawn(process.execPath, [fillScript, ...args], {
    env: { ...process.env, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`db:fill ended with ${code}`)
}

/** Waits until the backend has deleted the expired activities. That happens once and must not be measured. */
const waitForSweep = (databaseUrl: string): Promise<void> =>
  withClient(databaseUrl, async (client) => {
    for (const until = performance.now() + sweptWithinMs; performance.now() < until; await delay(1_000)) {
      const { rows } = await client.query(`SELECT 1 FROM activities
        WHERE reply_to_activity_uuid IS NULL AND expires_at < now() - interval '12 minutes' LIMIT 1`)
      if (rows.length > 0) continue
      await client.query('VACUUM (ANALYZE)')
      return
    }
    throw new Error('The backend did not delete the expired activities.')
  })

const countsIn = (databaseUrl: string): Promise<Sizes> =>
  withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<Sizes>(`SELECT (SELECT count(*)::int FROM activities) AS activities,
      (SELECT count(*)::int FROM users) AS people, (SELECT count(*)::int FROM likes) AS likes`)
    return rows[0] as Sizes
  })

const withClient = async <T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString })
  await client.connect()
  return work(client).finally(() => client.end())
}

const subjects = 3

const plansOf = async (
  databaseUrl: string,
  options = '',
  only?: readonly string[],
): Promise<{ ask: string; seen: Seen[] }[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-plans-'))
  const file = join(folder, 'statements')
  const backend: Backend = await startBackend({
    env: { ...env, RECORD_STATEMENTS_TO: file, RECORD_WITH: options },
    databaseUrl,
    entry: ['--import', recorder, '--import', './src/telemetry/start.ts', 'src/main.ts'],
    target: signedOut,
  })
  try {
    const asks = await asksOf(backend.target.url, databaseUrl, only)
    const all: { ask: string; seen: Seen[] }[] = []
    for (const { name, request } of asks) {
      rmSync(file, { force: true })
      for (let time = 0; time < subjects; time++) {
        const { status, body } = await answerTo(backend.target.url, request(time))
        if (status !== 200) throw new Error(`${name}: ${status} ${body}\n${backend.stderr.at(-1)?.text ?? ''}`)
      }
      const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
      all.push({ ask: name, seen: lines.map((line) => JSON.parse(line) as Seen) })
    }
    return all
  } finally {
    await backend.end()
    rmSync(folder, { recursive: true })
  }
}
