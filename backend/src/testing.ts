import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { after } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import * as activities from '@cruddur/shared/activities'
import type { Endpoint } from '@cruddur/shared/endpoint'
import * as health from '@cruddur/shared/health'
import * as messages from '@cruddur/shared/messages'
import * as notifications from '@cruddur/shared/notifications'
import * as session from '@cruddur/shared/session'
import * as users from '@cruddur/shared/users'
import { useVendors, vendors } from '@cruddur/trace-node/testing/vendors'
import { startHoneycomb } from '@cruddur/vendor-doubles'
import type { Span } from '@cruddur/vendor-doubles/span'
import pg from 'pg'
import * as z from 'zod/mini'
import { createScratchDatabase, withProductTimeouts, withTestTimeouts } from '../../scripts/scratch-database.mjs'
import { createApp, type Dependencies } from './app.ts'
import { liveChannel } from './db/announce.ts'
import { openStorage } from './db/storage.ts'
import type { RateLimits } from './http/rate-limits.ts'
import { serverFor } from './http/server.ts'
import type { LiveLimits } from './live/listeners.ts'
import { openLive } from './live/live.service.ts'
import { LiveNote } from './live-note.ts'

// An application inside a test writes nothing to the terminal.
useVendors({ ...vendors(), log: { info: () => {}, warn: () => {}, error: () => {} } })

const cleanupMs = 60_000

// One `after` for all cleanups. An `after` that is called inside a hook would run when that hook has ended.
const cleanups: { what: string; cleanup: () => unknown }[] = []
const atTheEnd = (what: string, cleanup: () => unknown) => cleanups.unshift({ what, cleanup })
after(async () => {
  const late: string[] = []
  for (const { what, cleanup } of cleanups) {
    const inTime = await Promise.race([
      Promise.resolve(cleanup()).then(() => true),
      delay(cleanupMs, false, { ref: false }),
    ])
    if (!inTime) late.push(what)
  }
  if (late.length > 0) throw new Error(`these did not end within ${cleanupMs} ms: ${late.join(', ')}`)
})

const serverUrl = async (): Promise<string> => {
  if (process.env.DATABASE_URL) return process.env.DATABASE_URL
  const { startThrowAwayDatabase } = await import('../../scripts/database.mjs')
  const database = await startThrowAwayDatabase()
  atTheEnd('the database server', () => database.stop())
  return database.url
}

const isEndpoint = (value: unknown): value is Endpoint =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value

/** All endpoints of the API. */
export const contract: readonly Endpoint[] = [activities, health, messages, notifications, session, users]
  .flatMap((room) => Object.values(room) as unknown[])
  .filter(isEndpoint)

export type TestDatabase = {
  readonly url: string
  readonly query: <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>
}

export { withProductTimeouts }

/** A database for this test file, dropped at its end. */
export const createDatabase = async (): Promise<TestDatabase> => {
  const { url: scratch, drop } = await createScratchDatabase(await serverUrl())
  const url = withTestTimeouts(scratch)
  const pool = new pg.Pool({ connectionString: url, max: 2 })
  pool.on('error', () => {})
  atTheEnd('a database', async () => {
    await pool.end()
    await drop()
  })
  return { url, query: async (text, values) => (await pool.query(text, values)).rows }
}

/** The valid notes that statements announce from now on. `take` returns all since its last call. */
export const listenTo = async ({ url }: Pick<TestDatabase, 'url'>) => {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  atTheEnd('a listening connection', () => client.end())
  const notes: LiveNote[] = []
  client.on('notification', ({ payload }) => notes.push(z.parse(LiveNote, JSON.parse(payload ?? ''))))
  await client.query(`LISTEN ${liveChannel}`)
  const take = async (): Promise<LiveNote[]> => {
    // The answer of a statement comes after everything announced before it.
    await client.query('SELECT 1')
    return notes.splice(0)
  }
  return { notes, take }
}

export type TestApp = { readonly url: string; readonly call: Call; readonly actAs: (handle: string) => Promise<Call> }
type Answer = { status: number; headers: Headers; body: unknown }
export type Call = (method: string, path: string, options?: CallOptions) => Promise<Answer>
type CallOptions = { json?: unknown; body?: string; headers?: Record<string, string> }

type Settings = Partial<Omit<Dependencies, 'storage' | 'live' | 'rateLimits'>> & {
  databaseUrl: string
  waitUntilReady?: boolean
  rateLimits?: Partial<RateLimits>
  liveLimits?: Partial<LiveLimits>
}

/** Tests of a limit set it themselves. */
const plenty = { burst: 1_000_000, perSecond: 1_000_000 }
const noOverload = { waiting: Number.POSITIVE_INFINITY, lagMs: Number.POSITIVE_INFINITY }
const noLimits: RateLimits = {
  requests: plenty,
  faults: plenty,
  writes: plenty,
  signIns: plenty,
  guesses: plenty,
  signUps: plenty,
  exports: plenty,
}

/** The whole application on its own port, closed at the end of the file. */
export const startApp = async ({
  databaseUrl,
  waitUntilReady = true,
  liveLimits,
  ...settings
}: Settings): Promise<TestApp> => {
  const demoPeople = settings.demoPeople ?? true
  const storage = openStorage({ url: databaseUrl, demoPeople })
  const live = openLive({ url: databaseUrl, ready: storage.ready, limits: liveLimits })
  if (waitUntilReady) await live.ready
  const app = createApp({
    frontendUrl: 'http://localhost:3000',
    version: '0.0.0-test',
    trustedProxies: ['127.0.0.1'],
    traceLinkTemplate: () => null,
    overload: noOverload,
    ...settings,
    rateLimits: { ...noLimits, ...settings.rateLimits },
    demoPeople,
    storage,
    live,
  })
  const server = serverFor(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  atTheEnd('an application', async () => {
    server.close()
    await live.close()
    server.closeAllConnections()
    await storage.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    call: callerOf(url),
    actAs: (handle) => actAs(url, handle),
  }
}

const actAs = async (url: string, handle: string): Promise<Call> => {
  const { headers } = await callerOf(url)('POST', '/api/session/demo', { json: { handle } })
  const cookie = headers.getSetCookie()[0]?.split(';')[0]
  if (!cookie) throw new Error(`signing in as ${handle} failed`)
  return callerOf(url, { cookie })
}

const callerOf =
  (url: string, always: Record<string, string> = {}): Call =>
  async (method, path, { json, body, headers } = {}) => {
    const sent = json === undefined ? body : JSON.stringify(json)
    const response = await fetch(url + path, {
      method,
      // A kept connection can be closed while this process pauses, just before it is used again.
      headers: {
        connection: 'close',
        ...always,
        ...(sent !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(sent !== undefined && { body: sent }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : parsed(text) }
  }

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** A TCP proxy that can refuse connections, or accept them and stay silent. */
export const startTcpProxy = async (target: { host: string; port: number }) => {
  let state: 'open' | 'shut' | 'silent' = 'open'
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    if (state === 'shut') return void socket.destroy()
    if (state === 'silent') return
    const onward = connect(target)
    onward.on('error', () => socket.destroy()).on('close', () => socket.destroy())
    socket.on('close', () => onward.destroy())
    socket.on('data', (data) => state === 'open' && onward.write(data))
    onward.on('data', (data) => state === 'open' && socket.write(data))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  atTheEnd('a proxy', () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return {
    port: (server.address() as AddressInfo).port,
    open: () => {
      state = 'open'
    },
    shut: () => {
      state = 'shut'
      for (const socket of sockets) socket.destroy()
    },
    silence: () => {
      state = 'silent'
    },
  }
}

/** The database of `url`, reached through a proxy. */
export const startDatabaseProxy = async (url: string) => {
  const direct = new URL(url)
  const proxy = await startTcpProxy({ host: direct.hostname, port: Number(direct.port || 5432) })
  const behind = new URL(url)
  behind.hostname = '127.0.0.1'
  behind.port = String(proxy.port)
  return { ...proxy, url: behind.href }
}

/** Calls `look` until it returns something. */
export const eventually = async <T>(look: () => T | Promise<T>, withinMs = 30_000): Promise<NonNullable<T>> => {
  const until = performance.now() + withinMs
  for (;;) {
    const seen = await look()
    if (seen) return seen
    if (performance.now() > until) throw new Error(`nothing happened within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export type CollectedSpan = Span

/** A double of Honeycomb for one test file. */
export const startCollector = async () => {
  const collector = await startHoneycomb()
  atTheEnd('a collector', collector.stop)
  return Object.assign(collector, {
    /** The spans of a trace, once there are `count` of them. */
    trace: (traceId: string, count: number) =>
      eventually(() => {
        const found = collector.spans.filter((span) => span.traceId === traceId)
        return found.length >= count ? found : null
      }),
  })
}

export type Backend = {
  readonly url: string
  readonly call: Call
  readonly actAs: (handle: string) => Promise<Call>
  readonly output: () => string
  readonly process: ChildProcess
  readonly exit: Promise<number | string>
}

/** The backend in its own process, started as in production. */
export const startBackend = async (env: Record<string, string>): Promise<Backend> => {
  const child = spawnBackend({ PORT: '0', ...env })
  const port = await eventually(() => {
    if (child.process.exitCode !== null) throw new Error(`the backend ended: ${child.output()}`)
    return /listens on http:\/\/localhost:(\d+)/.exec(child.output())?.[1]
  }, 60_000)
  const url = `http://127.0.0.1:${port}`
  await eventually(() => /the backend is ready/.test(child.output()) || /not ready/.test(child.output()))
  return { ...child, url, call: callerOf(url), actAs: (handle) => actAs(url, handle) }
}

export const spawnBackend = (env: Record<string, string>) => {
  const child = spawn(process.execPath, ['--import', './src/telemetry/start.ts', 'src/main.ts'], {
    cwd: `${import.meta.dirname}/..`,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text))
  // Not 'close': a disconnected child never emits it.
  const exit = (async () => {
    const [[code, signal]] = await Promise.all([
      once(child, 'exit'),
      ...[child.stdout, child.stderr].map((stream) => stream && once(stream, 'close')),
    ])
    return (signal ?? code) as number | string
  })()
  atTheEnd('a backend', () => {
    child.kill('SIGKILL')
    return exit
  })
  return { process: child as ChildProcess, output: () => output, exit }
}
