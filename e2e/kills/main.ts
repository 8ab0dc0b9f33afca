// npm run test:kills [-- 50]    kills each process that many times while people write, and counts the lost cruds
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startDatabase } from '../../scripts/database.mjs'
import { runOn } from '../src/database.ts'
import { answers, cleanEnvironment, freePort } from '../src/product.ts'
import { type Counts, startWriters } from './writers.ts'

const cycles = Number(process.argv[2] ?? 50)
const backWithinMs = 30_000
const rooms = fileURLToPath(new URL('../../', import.meta.url))

const folder = mkdtempSync(join(tmpdir(), 'cruddur-kills-'))
chmodSync(folder, 0o755)
const dataDir = join(folder, 'postgres')
const [databasePort, backendPort, frontendPort, observatoryPort, xrayPort] = await Promise.all(
  Array.from({ length: 5 }, freePort),
)
const url = `http://localhost:${frontendPort}`
let database = await startDatabase({ dataDir, port: databasePort })
const env = {
  ...cleanEnvironment(),
  DATABASE_URL: database.url,
  DEMO_PEOPLE: 'true',
  FRONTEND_URL: url,
  BACKEND_URL: `http://localhost:${backendPort}`,
  REQUESTS_PER_MINUTE: '999999',
  WRITES_PER_MINUTE: '999999',
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${observatoryPort}`,
}

/** One process that starts again after each kill. */
const startKillable = (room: string, args: string[], own: NodeJS.ProcessEnv = {}) => {
  let child: ChildProcess
  const start = () => {
    child = spawn(process.execPath, args, { cwd: rooms + room, env: { ...env, ...own }, stdio: 'ignore' })
  }
  start()
  return {
    kill: async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
      start()
    },
    stop: () => child.kill('SIGKILL'),
  }
}

const backend = startKillable('backend', ['--import', './src/telemetry/start.ts', 'src/main.ts'], {
  PORT: String(backendPort),
})
const frontend = startKillable('frontend', ['server/main.ts'])
const observatory = startKillable('observatory', ['src/main.ts'], {
  OBSERVATORY_PORT: String(observatoryPort),
  OBSERVATORY_XRAY_PORT: String(xrayPort),
})

const killDatabase = async () => {
  const postmaster = Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n', 1)[0])
  process.kill(postmaster, 'SIGKILL')
  database = await startDatabase({ dataDir, port: databasePort })
}

const kills: Readonly<Record<string, () => Promise<void>>> = {
  backend: backend.kill,
  'page’s server': frontend.kill,
  PostgreSQL: killDatabase,
  observatory: async () => {
    await observatory.kill()
    await writers.untilBack(backWithinMs)
    await answers(env.OTEL_EXPORTER_OTLP_ENDPOINT)
  },
}

const writers = await startWriters(url)
const table: Record<string, Counts & { 'slowest return ms': number }> = {}
try {
  for (const [name, kill] of Object.entries(kills)) {
    let slowest = 0
    writers.resetCounts()
    for (let cycle = 0; cycle < cycles; cycle++) {
      await delay(20 + Math.random() * 180)
      const began = performance.now()
      await kill()
      await writers.untilBack(backWithinMs)
      slowest = Math.max(slowest, performance.now() - began)
    }
    table[name] = { ...writers.counts(), 'slowest return ms': Math.round(slowest) }
    console.log(name, table[name])
  }
  const acknowledged = await writers.stop()
  const sql = `SELECT message FROM activities WHERE message LIKE 'Kill %'`
  const kept = (await runOn<{ message: string }>(database.url, sql)).map(({ message }) => message)
  const known = new Set(kept)
  console.table(table)
  console.log({
    acknowledged: acknowledged.size,
    lost: [...acknowledged].filter((message) => !known.has(message)).length,
    doubled: kept.length - known.size,
  })
} finally {
  for (const { stop } of [backend, frontend, observatory]) stop()
  await database.stop()
  rmSync(folder, { recursive: true, force: true })
}
