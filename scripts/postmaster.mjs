import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { application, bareEnvironment, logFile } from './cluster.mjs'
import { binary } from './postgres-binaries.mjs'
import { Refusal } from './refusal.mjs'

const isWindows = process.platform === 'win32'
const stopSteps = [
  { signal: 'SIGINT', withinMs: 5_000 },
  { signal: 'SIGQUIT', withinMs: 2_000 },
  { signal: 'SIGKILL', withinMs: 2_000 },
]

/** The postmaster that runs in this folder, `{ pid, port }`, or null. */
export function findPostmaster(dataDir) {
  const [pid, , , port] = readPidFile(dataDir).map(Number)
  return port && isPostmaster(pid, dataDir) ? { pid, port } : null
}

/** Starts PostgreSQL on `dataDir`. `log()` of the result returns what it has logged since. */
export async function launchPostmaster({ native, identity, dataDir, port, durable }) {
  releasePid(dataDir)
  const chosen = port ?? (await freePort())
  const log = logFile(dataDir)
  if (existsSync(log) && statSync(log).size > 1_000_000) rmSync(log)
  const descriptor = openSync(log, 'a', 0o600)
  const from = statSync(log).size
  const logged = () => readFileSync(log, 'utf8').slice(from)
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
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  if (isWindows) {
    closeSync(descriptor)
    // postgres.exe refuses to run as an administrator. pg_ctl starts it with fewer rights.
    controlPostgres({ native, identity }, ['start', '-w', '-D', dataDir, '-l', log, '-o', options.join(' ')])
    return { port: chosen, ...findPostmaster(dataDir), log: logged }
  }
  const child = spawn(binary(native, 'postgres'), ['-D', dataDir, ...options], {
    ...identity,
    cwd: '/',
    env: bareEnvironment(),
    stdio: ['ignore', descriptor, descriptor],
    // A process group of its own: Ctrl-C must not stop it before the backend has finished.
    detached: true,
  })
  closeSync(descriptor)
  try {
    await once(child, 'spawn')
  } catch (error) {
    const as = identity ? ` as uid ${identity.uid}` : ''
    throw new Refusal(`PostgreSQL cannot be run${as} (${error.code}): set DATABASE_URL to a PostgreSQL of your own.`)
  }
  child.unref()
  return { pid: child.pid, port: chosen, log: logged }
}

export async function stopPostmaster({ pid, native, identity, dataDir }) {
  if (isWindows) return controlPostgres({ native, identity }, ['stop', '-D', dataDir, '-m', 'fast'])
  for (const { signal, withinMs } of stopSteps) {
    kill(pid, signal)
    const until = Date.now() + withinMs
    while (isPostmaster(pid, dataDir) && Date.now() < until) await delay(10)
    if (!isPostmaster(pid, dataDir)) return
  }
}

function controlPostgres({ native, identity }, args) {
  const options = { ...identity, cwd: dirname(native), env: bareEnvironment(), stdio: 'ignore', windowsHide: true }
  spawnSync(binary(native, 'pg_ctl'), args, options)
}

export function isPostmaster(pid, dataDir) {
  if (!isAlive(pid)) return false
  if (isWindows) return true
  try {
    return commandLine(pid).includes(dataDir)
  } catch {
    return false
  }
}

export function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

export function kill(pid, signal) {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

/** PostgreSQL refuses to start if another program now has the pid in postmaster.pid. */
function releasePid(dataDir) {
  const [pid, ...rest] = readPidFile(dataDir)
  if (!pid || !isAlive(Number(pid)) || isPostmaster(Number(pid), dataDir)) return
  // PostgreSQL ignores its parent's pid. The rest stays for its second check: backends that still use the shared memory.
  writeFileSync(join(dataDir, 'postmaster.pid'), [process.pid, ...rest].join('\n'))
}

function readPidFile(dataDir) {
  const file = join(dataDir, 'postmaster.pid')
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
}

function commandLine(pid) {
  if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
