import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { after, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { runningDatabase, startThrowAwayDatabase } from './database.mjs'
import { binary, preparePostgres } from './postgres-binaries.mjs'

const unprivileged = { uid: 65534, gid: 65534 }
const isRoot = process.getuid?.() === 0
const supervisor = resolve(import.meta.dirname, 'database.mjs')
const identities = isRoot ? { root: {}, 'an ordinary user': unprivileged } : { 'an ordinary user': {} }

const folders = []
const templates = new Map()
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

test('runningDatabase() finds the database while it runs, and only then', async (t) => {
  const database = await startThrowAwayDatabase()
  t.after(() => database.stop())
  assert.equal(runningDatabase(database.dataDir), database.url)
  const stale = join(newDataDir({}), 'postgres')
  mkdirSync(stale, { recursive: true })
  writeFileSync(join(stale, 'postmaster.pid'), `${process.pid}\n${stale}\n0\n5432\n`)
  assert.equal(runningDatabase(stale), null)
  await database.stop()
  assert.equal(runningDatabase(database.dataDir), null)
})

for (const [who, identity] of Object.entries(identities)) {
  describe(`as ${who}`, () => {
    test('keeps the data from one start to the next', async () => {
      const dataDir = newDataDir(identity)
      const first = await startOwner(dataDir, identity)
      assert.equal(first.adopted, false)
      assert.match(first.version, /^18\./)
      await write(first.url, 'kept')
      await first.stop()
      assert.ok(!existsSync(join(dataDir, 'postmaster.pid')))

      const second = await startOwner(dataDir, identity)
      assert.deepEqual(await read(second.url), ['kept'])
      await second.stop()
    })

    test('adopts a database that a killed owner left running, with its port and its data', async () => {
      const dataDir = await usedDataDir(identity)
      const killed = await startOwner(dataDir, identity)
      await write(killed.url, 'kept')
      await killed.kill()

      const next = await startOwner(dataDir, identity)
      assert.equal(next.adopted, true)
      assert.equal(next.url, killed.url)
      assert.deepEqual(await read(next.url), ['kept'])
      await next.stop()
      await assert.rejects(read(next.url), { code: 'ECONNREFUSED' })
    })

    test('adopts it even when PostgreSQL notices the end of the owner late', async () => {
      const dataDir = await usedDataDir(identity)
      const killed = await startOwner(dataDir, identity)
      const [{ pid }] = await query(
        killed.url,
        "select pid from pg_stat_activity where application_name ~ 'owner' and pid <> pg_backend_pid()",
      )
      process.kill(pid, 'SIGSTOP')
      await killed.kill()
      const starting = startOwner(dataDir, identity)
      await delay(3_000)
      process.kill(pid, 'SIGCONT')
      const next = await starting
      assert.deepEqual([next.refused, next.adopted], [undefined, true])
      await next.stop()
    })

    test('refuses a second owner in one line that names the first, and the first keeps working', async () => {
      const dataDir = await usedDataDir(identity)
      const first = await startOwner(dataDir, identity)
      const second = await startOwner(dataDir, identity)
      assert.equal(
        second.refused,
        `The database in ${dataDir} is in use by another start of Cruddur (process ${first.pid}): stop that one first.`,
      )
      await write(first.url, 'still mine')
      await first.stop()
    })

    test('gives the database to one of two simultaneous first starts, and refuses the other', async () => {
      const dataDir = newDataDir(identity)
      const both = await Promise.all([startOwner(dataDir, identity), startOwner(dataDir, identity)])
      const [winner] = both.filter(({ url }) => url)
      const [loser] = both.filter(({ refused }) => refused)
      assert.match(loser.refused, /is in use by another start of Cruddur/)
      await write(winner.url, 'mine')
      await winner.stop()
    })

    test('starts even if another program now has the pid in postmaster.pid', async () => {
      const dataDir = await usedDataDir(identity)
      const stranger = spawn('sleep', ['60'], identity)
      const started = Math.floor(Date.now() / 1000)
      const file = join(dataDir, 'postmaster.pid')
      writeFileSync(file, `${stranger.pid}\n${dataDir}\n${started}\n5432\n\n127.0.0.1\n  1234567       99\nready   \n`)
      if (isRoot) chownSync(file, unprivileged.uid, unprivileged.gid)

      const database = await startOwner(dataDir, identity)
      assert.equal(database.adopted, false)
      assert.equal(stranger.exitCode, null)
      stranger.kill()
      await database.stop()
    })

    test('reports a postmaster that is killed, and the next start has all committed data', async () => {
      const dataDir = await usedDataDir(identity)
      const crashing = await startOwner(dataDir, identity, { durable: true })
      await write(crashing.url, 'committed')
      process.kill(postmasterOf(dataDir), 'SIGKILL')
      assert.match(await crashing.crash, /^The database ended by itself/)
      await crashing.kill()

      const next = await startOwner(dataDir, identity)
      assert.deepEqual(await read(next.url), ['committed'])
      await next.stop()
    })
  })
}

describe('the database', () => {
  const throwAway = startThrowAwayDatabase()
  after(async () => (await throwAway).stop())

  test('refuses a wrong password', async () => {
    const { url } = await throwAway
    const stranger = Object.assign(new URL(url), { password: 'guessed' })
    await assert.rejects(read(stranger.href), { code: '28P01' })
  })

  test('gives the application a role that is not superuser and may create databases', async () => {
    const { url } = await throwAway
    const rows = await query(url, 'select rolsuper, rolcreatedb from pg_roles where rolname = current_user')
    assert.deepEqual(rows, [{ rolsuper: false, rolcreatedb: true }])
  })

  test('sorts text the same on every machine, and knows upper case beyond ASCII', async () => {
    const { url } = await throwAway
    const [row] = await query(
      url,
      `select pg_encoding_to_char(encoding) as encoding, datlocprovider as provider, upper('é') as upper
       from pg_database where datname = current_database()`,
    )
    assert.deepEqual(row, { encoding: 'UTF8', provider: 'b', upper: 'É' })
  })

  test('listens on loopback only, and on no socket file', async () => {
    const { dataDir } = await throwAway
    const [socketFolder, address] = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n').slice(4, 6)
    assert.deepEqual({ socketFolder, address }, { socketFolder: '', address: '127.0.0.1' })
  })

  test('leaves no folder and no process of a throw-away', async () => {
    const database = await startThrowAwayDatabase()
    await database.stop()
    assert.ok(!existsSync(database.dataDir))
    await assert.rejects(read(database.url), { code: 'ECONNREFUSED' })
  })

  test('stops at once even if a client is in an open transaction', async () => {
    const database = await startThrowAwayDatabase()
    const client = new pg.Client(database.url)
    client.on('error', () => {})
    await client.connect()
    await client.query('begin')
    await client.query('create table held (id int)')
    await database.stop()
    await assert.rejects(read(database.url), { code: 'ECONNREFUSED' })
  })

  test('is killed when it ignores a signal to stop', async () => {
    const database = await startThrowAwayDatabase()
    process.kill(postmasterOf(database.dataDir), 'SIGSTOP')
    await database.stop()
    await assert.rejects(read(database.url), { code: 'ECONNREFUSED' })
  })

  test('keeps its owner when PostgreSQL restarts its backends', async () => {
    const dataDir = await usedDataDir({})
    const owner = await startOwner(dataDir, {})
    const [{ pid }] = await query(owner.url, 'select pg_backend_pid() as pid').then(async () => {
      const client = new pg.Client(owner.url)
      client.on('error', () => {})
      await client.connect()
      return (await client.query('select pg_backend_pid() as pid')).rows
    })
    process.kill(pid, 'SIGKILL')
    await until(() => query(owner.url, 'select 1').then(Boolean, () => false))
    await until(async () => {
      const second = await startOwner(dataDir, {})
      // It came before the owner was back. PostgreSQL and its data stay.
      if (!second.refused) await second.kill()
      return /is in use by/.test(second.refused ?? '')
    })
    await owner.stop()
  })

  test('refuses data of another major version in one line', async () => {
    const dataDir = newDataDir({})
    mkdirSync(dataDir)
    writeFileSync(join(dataDir, 'PG_VERSION'), '15\n')
    const { refused } = await startOwner(dataDir, {})
    assert.equal(
      refused,
      `The data in ${dataDir} is from PostgreSQL 15, and this is PostgreSQL 18: move that folder away, or set DATABASE_URL.`,
    )
  })

  test('names DATABASE_URL on a platform without an embedded PostgreSQL', async () => {
    const { refused } = await startOwner(newDataDir({}), {}, { arch: 'mips' })
    assert.match(
      refused,
      /^There is no embedded PostgreSQL for \w+-mips: set DATABASE_URL to a PostgreSQL of your own\.$/,
    )
  })
})

describe('the binaries', () => {
  const installed = join(preparePostgres(null), '..')

  test('get their symlinks back when install scripts were off', () => {
    const root = copyWithoutLinks(installed, newFolder())
    const native = preparePostgres(null, { root })
    assert.ok(readdirSync(join(native, 'lib')).includes('libpq.so'))
    assert.match(versionFrom(native), /PostgreSQL\) 18\./)
  })

  test('are copied to where an unprivileged user can run them if only root can enter the checkout', {
    skip: !isRoot && 'only root needs the copy',
  }, () => {
    const closed = newFolder()
    const root = copyWithoutLinks(installed, closed)
    chmodSync(closed, 0o700)
    const cache = newFolder()
    const native = preparePostgres(unprivileged, { root, cache })
    assert.ok(native.startsWith(cache))
    assert.match(versionFrom(native, unprivileged), /PostgreSQL\) 18\./)
    assert.equal(preparePostgres(unprivileged, { root, cache }), native)
    assert.deepEqual(readdirSync(cache).length, 1)
  })

  function copyWithoutLinks(from, folder) {
    const root = join(folder, 'package')
    cpSync(from, root, { recursive: true, verbatimSymlinks: true })
    for (const { target } of JSON.parse(readFileSync(join(root, 'native', 'pg-symlinks.json'), 'utf8')))
      rmSync(join(root, target))
    return root
  }

  const versionFrom = (native, identity = {}) =>
    spawnSync(binary(native, 'initdb'), ['--version'], { ...identity, cwd: '/', encoding: 'utf8' }).stdout
})

function newFolder(identity = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-supervisor-'))
  chmodSync(folder, 0o755)
  if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.gid)
  folders.push(folder)
  return folder
}

const newDataDir = (identity) => join(newFolder(identity), 'postgres')

/** A database that was started and stopped once: a copy, because creating one takes a second. */
async function usedDataDir(identity) {
  if (!templates.has(identity)) {
    const dataDir = newDataDir(identity)
    templates.set(
      identity,
      startOwner(dataDir, identity)
        .then(({ stop }) => stop())
        .then(() => dataDir),
    )
  }
  const copy = newDataDir(identity)
  spawnSync('cp', ['-a', await templates.get(identity), copy])
  return copy
}
const postmasterOf = (dataDir) => Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0])

/** A process that owns the database as `npm start` does, or the message of its refusal. */
async function startOwner(dataDir, identity, { durable = false, arch = process.arch } = {}) {
  const program = `
    Object.defineProperty(process, 'arch', { value: ${JSON.stringify(arch)} })
    const { startDatabase } = await import(${JSON.stringify(supervisor)})
    const tell = (message) => console.log(JSON.stringify(message))
    try {
      const database = await startDatabase({
        dataDir: ${JSON.stringify(dataDir)}, durable: ${durable}, onCrash: (crash) => tell({ crash }),
      })
      process.on('SIGTERM', async () => { await database.stop(); process.exit() })
      tell({ ...database, pid: process.pid })
      setInterval(() => {}, 1000)
    } catch (error) {
      if (error.name !== 'Refusal') throw error
      tell({ refused: error.message })
    }`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    ...identity,
    cwd: '/',
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const messages = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => JSON.parse((await messages.next()).value)
  const exited = once(child, 'exit')
  const end = async (signal) => {
    child.kill(signal)
    await exited
  }
  const told = await next()
  return {
    ...told,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    get crash() {
      return next().then(({ crash }) => crash)
    },
  }
}

async function query(url, text, values) {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query(text, values)).rows
  } finally {
    await client.end()
  }
}

async function write(url, word) {
  await query(url, 'create table if not exists kept (word text)')
  await query(url, 'insert into kept values ($1)', [word])
}

async function read(url) {
  return (await query(url, 'select word from kept')).map(({ word }) => word)
}

async function until(condition) {
  const givenUpAt = Date.now() + 60_000
  while (!(await condition())) {
    if (Date.now() > givenUpAt) throw new Error(`never happened: ${condition}`)
    await delay(50)
  }
}
