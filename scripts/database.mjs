import { chmodSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import {
  application,
  canPostgresEnter,
  defaultDataDir,
  identityFor,
  logFile,
  passwordOf,
  prepareCluster,
  superuser,
  urlFor,
} from './cluster.mjs'
import { preparePostgres } from './postgres-binaries.mjs'
import { findPostmaster, isAlive, isPostmaster, kill, launchPostmaster, stopPostmaster } from './postmaster.mjs'
import { Refusal } from './refusal.mjs'

const ownershipLock = 0x0c40dd04
const readyWithinMs = 60_000
const previousOwnerEndsWithinMs = 1_000

/**
 * Starts the embedded PostgreSQL on `dataDir`, or adopts the one that a killed owner left running there.
 * `onCrash(reason)` is called once if it ends before `stop()`.
 */
export async function startDatabase({
  dataDir = defaultDataDir(),
  port,
  durable = true,
  onLog = () => {},
  onCrash = () => {},
} = {}) {
  const identity = identityFor(dataDir)
  const native = preparePostgres(identity)
  prepareCluster({ native, identity, dataDir, durable, onLog })

  const { postmaster, watch, adopted } = await runOrAdopt({ native, identity, dataDir, port, durable, onLog })
  const { rows } = await watch.query('show server_version')
  await createApplicationDatabase(watch, dataDir)
  const guard = guardOwnership({ postmaster, watch, dataDir, onCrash })

  let stopped
  return {
    url: urlFor(application, dataDir, postmaster.port),
    version: rows[0].server_version,
    dataDir,
    port: postmaster.port,
    adopted,
    stop: () =>
      (stopped ??= guard.release().then(() => stopPostmaster({ pid: postmaster.pid, native, identity, dataDir }))),
    /** For a second Ctrl-C: ends PostgreSQL without waiting. It recovers at the next start. */
    kill: () => {
      guard.abandon()
      kill(postmaster.pid, 'SIGQUIT')
    },
  }
}

/** A database in a temporary folder, without durability. Stopping it deletes it. */
export async function startThrowAwayDatabase(options = {}) {
  const parent = canPostgresEnter(tmpdir()) ? tmpdir() : '/var/tmp'
  sweepThrowAways(parent)
  const folder = mkdtempSync(join(parent, `cruddur-test-${process.pid}-`))
  chmodSync(folder, 0o755)
  const discard = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  try {
    const database = await startDatabase({ ...options, dataDir: join(folder, 'postgres'), durable: false })
    const onExit = () => {
      database.kill()
      discard()
    }
    process.once('exit', onExit)
    return {
      ...database,
      stop: async () => {
        process.off('exit', onExit)
        await database.stop()
        discard()
      },
    }
  } catch (error) {
    discard()
    throw error
  }
}

/** The address of the embedded PostgreSQL of a running `npm start`, or null. */
export function runningDatabase(dataDir = defaultDataDir()) {
  const postmaster = findPostmaster(dataDir)
  return postmaster && urlFor(application, dataDir, postmaster.port)
}

async function runOrAdopt({ native, identity, dataDir, port, durable, onLog }) {
  const until = Date.now() + readyWithinMs
  for (;;) {
    const left = findPostmaster(dataDir)
    const postmaster = left ?? (await launchPostmaster({ native, identity, dataDir, port, durable }))
    const outcome = await connectWhenReady(postmaster, dataDir, until)
    if (outcome.watch) {
      await takeOwnership(outcome.watch, dataDir)
      if (left) onLog(`adopted the database that an earlier start left running (process ${left.pid})`)
      return { postmaster, watch: outcome.watch, adopted: left !== null }
    }
    if (Date.now() > until)
      throw new Refusal(`The database in ${dataDir} did not become ready: see ${logFile(dataDir)}`)
    const why = postmaster.log?.() ?? ''
    const retry =
      left || /postmaster\.pid|shared memory block/.test(why) || (!port && /could not (bind|create)/.test(why))
    if (!retry) throw new Refusal(`The database in ${dataDir} did not start: ${why.trim().split('\n').at(-1)}`)
    await delay(100)
  }
}

async function connectWhenReady(postmaster, dataDir, until) {
  while (Date.now() < until) {
    try {
      return { watch: await connect(postmaster.port, dataDir) }
    } catch (error) {
      if (error.code === '28P01')
        throw new Refusal(
          `The database in ${dataDir} refuses the password that is stored with it: move that folder away, or set DATABASE_URL.`,
        )
    }
    if (!isPostmaster(postmaster.pid, dataDir)) return {}
    await delay(25)
  }
  return {}
}

async function connect(port, dataDir) {
  const client = new pg.Client({
    connectionString: urlFor(superuser, dataDir, port),
    application_name: `${application} owner ${process.pid}`,
    connectionTimeoutMillis: 5_000,
  })
  client.on('error', () => {})
  await client.connect()
  const { rows } = await client.query('show data_directory')
  if (realpathSync(rows[0].data_directory) === realpathSync(dataDir)) return client
  await client.end()
  throw new Error('another PostgreSQL answers on this port')
}

// PostgreSQL releases the lock when the owner's connection closes, however the owner ends. A busy machine takes longer.
async function takeOwnership(watch, dataDir) {
  const startedAt = Date.now()
  for (;;) {
    const { rows } = await watch.query('select pg_try_advisory_lock($1) as taken', [ownershipLock])
    if (rows[0].taken) return
    const owner = await ownerOf(watch)
    const endsWithinMs = owner && isAlive(owner) ? previousOwnerEndsWithinMs : readyWithinMs
    if (Date.now() > startedAt + endsWithinMs) {
      await watch.end()
      throw new Refusal(
        `The database in ${dataDir} is in use by another start of Cruddur (process ${owner}): stop that one first.`,
      )
    }
    await delay(50)
  }
}

async function ownerOf(watch) {
  const { rows } = await watch.query(
    `select substring(application_name from '\\d+')::int as process from pg_locks join pg_stat_activity using (pid)
     where locktype = 'advisory' and objid = $1 and granted`,
    [ownershipLock],
  )
  return rows[0]?.process
}

function guardOwnership({ postmaster, watch, dataDir, onCrash }) {
  let connection = watch
  let over = false
  const crashed = () => {
    if (over) return
    over = true
    const last = readFileSync(logFile(dataDir), 'utf8').trim().split('\n').at(-1)
    onCrash(`The database ended by itself: ${last}`)
  }
  // When one of its backends is killed, PostgreSQL drops all connections and keeps running.
  const regain = async () => {
    while (!over) {
      if (!isPostmaster(postmaster.pid, dataDir)) return crashed()
      try {
        connection = await connect(postmaster.port, dataDir)
        await takeOwnership(connection, dataDir)
        connection.once('end', regain)
        return
      } catch {
        await delay(100, undefined, { ref: false })
      }
    }
  }
  const abandon = () => {
    over = true
    connection.removeListener('end', regain)
  }
  connection.once('end', regain)
  return {
    abandon,
    release: async () => {
      abandon()
      await connection.end().catch(() => {})
    },
  }
}

async function createApplicationDatabase(watch, dataDir) {
  const { rows } = await watch.query('select 1 from pg_database where datname = $1', [application])
  if (rows.length > 0) return
  await watch.query(`drop role if exists ${application}`)
  await watch.query(`create role ${application} login createdb password '${passwordOf(application, dataDir)}'`)
  await watch.query(`create database ${application} owner ${application}`)
}

function sweepThrowAways(parent) {
  for (const name of readdirSync(parent)) {
    const owner = /^cruddur-test-(\d+)-/.exec(name)?.[1]
    if (!owner || isAlive(Number(owner))) continue
    const dataDir = join(parent, name, 'postgres')
    const left = findPostmaster(dataDir)
    if (left) kill(left.pid, 'SIGQUIT')
    rmSync(join(parent, name), { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
}
