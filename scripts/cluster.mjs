import { execFileSync, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { binary } from './postgres-binaries.mjs'
import { Refusal } from './refusal.mjs'

const repository = resolve(import.meta.dirname, '..')
const passwordFile = 'cruddur-passwords'
const isRoot = process.getuid?.() === 0
const unprivileged = { uid: 65534, gid: 65534 }

/** The role that owns the database `cruddur`, and the one that creates it. */
export const application = 'cruddur'
export const superuser = 'postgres'

export function defaultDataDir() {
  if (canPostgresEnter(repository)) return join(repository, '.data', 'postgres')
  const checkout = createHash('sha256').update(repository).digest('hex').slice(0, 8)
  return join('/var/lib/cruddur', checkout, 'postgres')
}

export const canPostgresEnter = (folder) => !isRoot || canEnter(folder, unprivileged)

// PostgreSQL refuses to run as root. Any other uid works, even if no user has it. Existing data keeps its owner.
export function identityFor(dataDir) {
  if (!isRoot) return null
  if (!existsSync(dataDir)) return unprivileged
  const { uid, gid } = statSync(dataDir)
  return uid === 0 ? unprivileged : { uid, gid }
}

const canEnter = (folder, identity) => spawnSync('test', ['-x', folder], { ...identity, cwd: '/' }).status === 0

/** Creates the files of a database in `dataDir`, or checks that PostgreSQL can use the existing files. */
export function prepareCluster({ native, identity, dataDir, durable, onLog }) {
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
  const secret = () => randomBytes(24).toString('hex')
  writeFileSync(passwords, `${secret()}\n${secret()}\n`, { mode: 0o600 })
  if (identity) for (const path of [draft, passwords]) chownSync(path, identity.uid, identity.gid)
  const { status, error, stderr } = spawnSync(
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
    if (status !== 0) {
      const why = error?.message ?? stderr.trim().split('\n').at(-1)
      throw new Refusal(`The database could not be created in ${dataDir}: ${why}`)
    }
    renameSync(passwords, join(draft, passwordFile))
    renameSync(draft, dataDir)
  } catch (failure) {
    if (!existsSync(join(dataDir, 'PG_VERSION'))) throw failure
  } finally {
    rmSync(draft, { recursive: true, force: true })
    rmSync(passwords, { force: true })
  }
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

function assertUsable(native, dataDir) {
  const made = readFileSync(join(dataDir, 'PG_VERSION'), 'utf8').trim()
  const installed = /(\d+)/.exec(execFileSync(binary(native, 'postgres'), ['--version'], { encoding: 'utf8' }))?.[1]
  if (made !== installed)
    throw new Refusal(
      `The data in ${dataDir} is from PostgreSQL ${made}, and this is PostgreSQL ${installed}: move that folder away, or set DATABASE_URL.`,
    )
  try {
    passwordOf(application, dataDir)
  } catch (error) {
    throw new Refusal(
      `Cruddur did not create the database in ${dataDir} (${error.code ?? error.message}): move that folder away, or set DATABASE_URL.`,
    )
  }
}

export function passwordOf(role, dataDir) {
  const [first, second] = readFileSync(join(dataDir, passwordFile), 'utf8').trim().split('\n')
  return role === superuser ? first : second
}

export const urlFor = (role, dataDir, port) =>
  `postgres://${role}:${passwordOf(role, dataDir)}@127.0.0.1:${port}/${role}`

export const logFile = (dataDir) => join(dirname(dataDir), `${basename(dataDir)}.log`)

// PG* variables would change how PostgreSQL runs, and it needs no vendor's key.
export function bareEnvironment() {
  const { PATH, SystemRoot, TEMP } = process.env
  return { PATH, LC_ALL: 'C', TZ: 'UTC', ...(SystemRoot && { SystemRoot, TEMP }) }
}
