import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { binary, preparePostgres } from './postgres-binaries.mjs'
import { Refusal } from './refusal.mjs'

const repository = resolve(import.meta.dirname, '..')
const unprivileged = { uid: 65534, gid: 65534 }
const ownershipLock = 0x0c40dd04
const superuser = 'postgres'
const application = 'cruddur'
const passwordFile = 'cruddur-passwords'
const deadlineMs = { ready: 60_000, fastStop: 5_000, immediateStop: 2_000, previousOwner: 1_000 }

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
    stop: () => (stopped ??= guard.release().then(() => stopPostmaster({ postmaster, native, identity, dataDir }))),
    /** For a second Ctrl-C: ends PostgreSQL without waiting. It recovers at the next start. */
    kill: () => {
      guard.abandon()
      signal(postmaster.pid, 'SIGQUIT')
    },
  }
}

/** A database in a temporary folder, without durability. Stopping it deletes it. */
export async function startThrowAwayDatabase(options = {}) {
  const parent = isRoot() && !canEnter(tmpdir(), unprivileged) ? '/var/tmp' : tmpdir()
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

/** Where the embedded PostgreSQL of a running `npm start` is, or null. */
export function runningDatabase(dataDir = defaultDataDir()) {
  const file = join(dataDir, 'postmaster.pid')
  if (!existsSync(file)) return null
  const lines = readFileSync(file, 'utf8').split('\n')
  const [pid, port] = [Number(lines[0]), Number(lines[3])]
  return port && isPostmaster(pid, dataDir) ? urlFor(application, dataDir, port) : null
}

function defaultDataDir() {
  if (!isRoot() || canEnter(repository, unprivileged)) return join(repository, '.data', 'postgres')
  const checkout = createHash('sha256').update(repository).digest('hex').slice(0, 8)
  return join('/var/lib/cruddur', checkout, 'postgres')
}

const isRoot = () => process.getuid?.() === 0

// PostgreSQL refuses to run as root. Any other uid works, even without a user of that name. Existing data keeps its owner.
function identityFor(dataDir) {
  if (!isRoot()) return null
  if (!existsSync(dataDir)) return unprivileged
  const { uid, gid } = statSync(dataDir)
  return uid === 0 ? unprivileged : { uid, gid }
}

function makeFolder(folder) {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw new Refusal(
      `The database needs the folder ${folder}, which cannot be created (${error.code}): make its parent writable, or set DATABASE_URL.`,
    )
  }
}

const canEnter = (folder, identity) => spawnSync('test', ['-x', folder], { ...identity, cwd: '/' }).status === 0

function prepareCluster({ native, identity, dataDir, durable, onLog }) {
  const parent = dirname(dataDir)
  if (!existsSync(parent)) {
    makeFolder(parent)
    chmodSync(parent, 0o755)
  }
  if (identity && !canEnter(parent, identity)) {
    throw new Refusal(
      `The database runs as uid ${identity.uid}, which cannot enter ${parent}: run chmod o+x on it and on the folders above it, or set DATABASE_URL.`,
    )
  }
  if (existsSync(join(dataDir, 'PG_VERSION'))) return assertUsable(native, dataDir)

  onLog(`creating a database in ${dataDir}`)
  // Renamed when it is complete: an interrupted start leaves no half-made database.
  const draft = `${dataDir}.new-${process.pid}`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { mode: 0o700 })
  const passwords = `${draft}-passwords`
  writeFileSync(passwords, `${secret()}\n${secret()}\n`, { mode: 0o600 })
  if (identity) for (const path of [draft, passwords]) chownSync(path, identity.uid, identity.gid)
  const initdb = spawnSync(
    binary(native, 'initdb'),
    [
      `--pgdata=${draft}`,
      `--username=${superuser}`,
      `--pwfile=${passwords}`,
      // With trust, every local account could connect as superuser and run commands as this user.
      '--auth=scram-sha-256',
      // The same sort order and case rules on every machine.
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      ...(durable ? [] : ['--no-sync']),
    ],
    { ...identity, cwd: '/', env: bareEnvironment(), encoding: 'utf8' },
  )
  try {
    if (initdb.status !== 0) throw new Refusal(`The database could not be created in ${dataDir}: ${lastLine(initdb)}`)
    renameSync(passwords, join(draft, passwordFile))
    renameSync(draft, dataDir)
  } catch (error) {
    if (!existsSync(join(dataDir, 'PG_VERSION'))) throw error
  } finally {
    rmSync(draft, { recursive: true, force: true })
    rmSync(passwords, { force: true })
  }
}

function assertUsable(native, dataDir) {
  const made = readFileSync(join(dataDir, 'PG_VERSION'), 'utf8').trim()
  const installed = /(\d+)/.exec(execFileSync(binary(native, 'postgres'), ['--version'], { encoding: 'utf8' }))?.[1]
  if (made !== installed)
    throw new Refusal(
      `The data in ${dataDir} is from PostgreSQL ${made}, and this is PostgreSQL ${installed}: move that folder away, or set DATABASE_URL.`,
    )
  try {
    readPasswords(dataDir)
  } catch (error) {
    throw new Refusal(
      `Cruddur did not create the database in ${dataDir} (${error.code ?? error.message}): move that folder away, or set DATABASE_URL.`,
    )
  }
}

async function runOrAdopt({ native, identity, dataDir, port, durable, onLog }) {
  const until = Date.now() + deadlineMs.ready
  for (;;) {
    const left = findPostmaster(dataDir)
    const postmaster = left ?? (await launch({ native, identity, dataDir, port, durable }))
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

/** The postmaster that an earlier owner left running in this folder, if there is one. */
function findPostmaster(dataDir) {
  const file = join(dataDir, 'postmaster.pid')
  if (!existsSync(file)) return null
  const lines = readFileSync(file, 'utf8').split('\n')
  const pid = Number(lines[0])
  const port = Number(lines[3])
  if (isPostmaster(pid, dataDir)) return port ? { pid, port } : null
  if (!isAlive(pid)) return null
  // Another program has this pid now, and PostgreSQL would refuse to start beside it. It ignores its parent's pid: ours
  // in the file keeps its second check, for backends that still use the shared memory.
  writeFileSync(file, [process.pid, ...lines.slice(1)].join('\n'))
  return null
}

async function launch({ native, identity, dataDir, port, durable }) {
  const chosen = port ?? (await freePort())
  const log = logFile(dataDir)
  if (existsSync(log) && statSync(log).size > 1_000_000) rmSync(log)
  const descriptor = openSync(log, 'a', 0o600)
  const from = statSync(log).size
  const settings = {
    port: chosen,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    cluster_name: application,
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_error_verbosity: 'terse',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  }
  const child = spawn(
    binary(native, 'postgres'),
    ['-D', dataDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    // A process group of its own: Ctrl-C must not stop it before the backend has finished.
    {
      ...identity,
      cwd: '/',
      env: bareEnvironment(),
      stdio: ['ignore', descriptor, descriptor],
      detached: true,
      windowsHide: true,
    },
  )
  closeSync(descriptor)
  try {
    await once(child, 'spawn')
  } catch (error) {
    const as = identity ? ` as uid ${identity.uid}` : ''
    throw new Refusal(`PostgreSQL cannot be run${as} (${error.code}): set DATABASE_URL to a PostgreSQL of your own.`)
  }
  child.unref()
  return { pid: child.pid, port: chosen, child, log: () => readFileSync(log, 'utf8').slice(from) }
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
    if (!isRunning(postmaster, dataDir)) return {}
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

// PostgreSQL releases the lock when the owner's connection closes, however the owner ends.
async function takeOwnership(watch, dataDir) {
  const until = Date.now() + deadlineMs.previousOwner
  for (;;) {
    const { rows } = await watch.query('select pg_try_advisory_lock($1) as taken', [ownershipLock])
    if (rows[0].taken) return
    if (Date.now() > until) break
    await delay(50)
  }
  const { rows } = await watch.query(
    `select substring(application_name from '\\d+') as process from pg_locks join pg_stat_activity using (pid)
     where locktype = 'advisory' and objid = $1 and granted`,
    [ownershipLock],
  )
  await watch.end()
  throw new Refusal(
    `The database in ${dataDir} is in use by another start of Cruddur (process ${rows[0]?.process}): stop that one first.`,
  )
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
      if (!isRunning(postmaster, dataDir)) return crashed()
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
    postmaster.child?.removeListener('exit', crashed)
    connection.removeListener('end', regain)
  }
  postmaster.child?.once('exit', crashed)
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
  await watch.query(`create role ${application} login createdb password '${readPasswords(dataDir)[application]}'`)
  await watch.query(`create database ${application} owner ${application}`)
}

async function stopPostmaster({ postmaster, native, identity, dataDir }) {
  if (process.platform === 'win32') {
    spawnSync(binary(native, 'pg_ctl'), ['stop', '-D', dataDir, '-m', 'fast'], { ...identity, env: bareEnvironment() })
    return
  }
  for (const [name, ms] of [
    ['SIGINT', deadlineMs.fastStop],
    ['SIGQUIT', deadlineMs.immediateStop],
    ['SIGKILL', deadlineMs.immediateStop],
  ]) {
    signal(postmaster.pid, name)
    if (await hasEnded(postmaster, dataDir, ms)) return
  }
}

async function hasEnded(postmaster, dataDir, ms) {
  const until = Date.now() + ms
  while (isRunning(postmaster, dataDir)) {
    if (Date.now() > until) return false
    await delay(10)
  }
  return true
}

function isRunning({ pid, child }, dataDir) {
  return child ? child.exitCode === null && child.signalCode === null : isPostmaster(pid, dataDir)
}

function isPostmaster(pid, dataDir) {
  if (!isAlive(pid)) return false
  if (process.platform === 'win32') return true
  return commandLine(pid).includes(dataDir)
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function commandLine(pid) {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    return ''
  }
}

function signal(pid, name) {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

function sweepThrowAways(parent) {
  for (const name of readdirSync(parent)) {
    const owner = /^cruddur-test-(\d+)-/.exec(name)?.[1]
    if (!owner || isAlive(Number(owner))) continue
    const dataDir = join(parent, name, 'postgres')
    const left = existsSync(dataDir) && findPostmaster(dataDir)
    if (left) signal(left.pid, 'SIGQUIT')
    rmSync(join(parent, name), { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

function readPasswords(dataDir) {
  const [first, second] = readFileSync(join(dataDir, passwordFile), 'utf8').trim().split('\n')
  return { [superuser]: first, [application]: second }
}

const urlFor = (role, dataDir, port) => `postgres://${role}:${readPasswords(dataDir)[role]}@127.0.0.1:${port}/${role}`
const logFile = (dataDir) => join(dirname(dataDir), `${basename(dataDir)}.log`)
const secret = () => randomBytes(24).toString('hex')
const lastLine = ({ stderr, error }) => error?.message ?? stderr.trim().split('\n').at(-1)

// PG* variables would change how PostgreSQL runs, and it needs no vendor's key.
function bareEnvironment() {
  const { PATH, SystemRoot, TEMP } = process.env
  return { PATH, LC_ALL: 'C', TZ: 'UTC', ...(SystemRoot && { SystemRoot, TEMP }) }
}
