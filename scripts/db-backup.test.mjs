import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { migrate } from '../backend/src/db/migrate.ts'
import { startThrowAwayDatabase } from './database.mjs'
import { createScratchDatabase } from './scratch-database.mjs'

const folder = mkdtempSync(join(tmpdir(), 'cruddur-backup-'))
const made = []
let server
let full

before(async () => {
  server = process.env.DATABASE_URL ? null : await startThrowAwayDatabase()
  full = await newDatabase()
  const { status, output } = await run(
    '../bench/fill/main.mjs',
    full,
    '--activities',
    '2000',
    '--people',
    '200',
    '--likes',
    '2500',
  )
  assert.equal(status, 0, output)
  await full.pool.query(`
    INSERT INTO users (handle, display_name, password_hash) VALUES ('elim', E'a\\\\b "c" 👩‍👧 \\n', '$scrypt$');
    INSERT INTO sessions (token_hash, user_uuid, expires_at) SELECT sha256('x'), uuid, 'infinity' FROM users WHERE handle = 'elim';
    INSERT INTO activities (user_uuid, message, reply_to_activity_uuid, created_at, expires_at)
    SELECT user_uuid, 'a reply', uuid, created_at, expires_at FROM activities WHERE expires_at > now() LIMIT 700`)
})
after(async () => {
  for (const { pool, drop } of made) {
    await pool.end()
    await drop()
  }
  await server?.stop()
  rmSync(folder, { recursive: true })
})

async function newDatabase() {
  const { url, drop } = await createScratchDatabase(process.env.DATABASE_URL ?? server.url)
  await migrate(url)
  const database = { url, drop, pool: new pg.Pool({ connectionString: url, max: 2 }) }
  made.push(database)
  return database
}

async function run(script, { url }, ...args) {
  const child = spawn(process.execPath, [resolve(import.meta.dirname, script), ...args], {
    env: { PATH: process.env.PATH, DATABASE_URL: url },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  const [status] = await once(child, 'close')
  return { status, output }
}
const backUp = (database, file) => run('db-backup.mjs', database, 'backup', file)
const restore = (database, file, ...args) => run('db-backup.mjs', database, 'restore', file, ...args)

/** For every table: the number of its rows, and a hash of them. */
async function contentOf({ pool }) {
  const { rows } = await pool.query(
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations'",
  )
  const content = {}
  for (const { tablename } of rows) {
    const [row] = (
      await pool.query(`SELECT count(*)::int AS n, md5(string_agg(t::text, '|' ORDER BY t::text)) FROM ${tablename} t`)
    ).rows
    content[tablename] = row
  }
  return content
}

test('restores everything as it was, from a file that only its owner can read', async () => {
  const file = join(folder, 'all.jsonl.gz')
  const saved = await backUp(full, file)
  assert.equal(saved.status, 0, saved.output)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  const other = await newDatabase()
  const restored = await restore(other, file)
  assert.equal(restored.status, 0, restored.output)
  const content = await contentOf(full)
  assert.ok(content.activities.n > 2_500 && content.likes.n === 2_500 && content.sessions.n === 1)
  assert.deepEqual(await contentOf(other), content)
})

test('backs up one moment while people write, and restores all or nothing while people read', async () => {
  const file = join(folder, 'busy.jsonl.gz')
  const busy = await newDatabase()
  assert.equal((await restore(busy, join(folder, 'all.jsonl.gz'))).status, 0)
  let isOver = false
  const writing = (async () => {
    while (!isOver)
      await busy.pool.query(`WITH a AS (UPDATE activities SET likes_count = likes_count + 1
        WHERE uuid = (SELECT uuid FROM activities ORDER BY created_at LIMIT 1))
        UPDATE users SET bio = (length(bio) + 1)::text WHERE handle = 'elim'`)
  })()
  const saved = await backUp(busy, file)
  isOver = true
  await writing
  assert.equal(saved.status, 0, saved.output)

  const counts = new Set()
  isOver = false
  const reading = (async () => {
    while (!isOver) counts.add((await busy.pool.query('SELECT count(*)::int AS n FROM activities')).rows[0].n)
  })()
  const refused = await restore(busy, file)
  assert.deepEqual([refused.status, /--replace/.test(refused.output)], [1, true], refused.output)
  const restored = await restore(busy, file, '--replace')
  isOver = true
  await reading
  assert.equal(restored.status, 0, restored.output)
  assert.equal(counts.size, 1, `a reader saw half of the restore: ${[...counts]}`)
})

test('changes nothing when the backup is damaged or of another version', async () => {
  const whole = readFileSync(join(folder, 'all.jsonl.gz'))
  const cut = join(folder, 'cut.jsonl.gz')
  writeFileSync(cut, whole.subarray(0, whole.length - 2_000))
  const before = await contentOf(full)
  const damaged = await restore(full, cut, '--replace')
  assert.equal(damaged.status, 1)
  assert.match(damaged.output, /damaged|incomplete/)
  assert.deepEqual(await contentOf(full), before)

  const older = await newDatabase()
  await older.pool.query("DELETE FROM migrations WHERE name LIKE '0004%'")
  const refused = await restore(older, join(folder, 'all.jsonl.gz'))
  assert.match(refused.output, /use the same version of Cruddur/)
})

test('refuses to back up a database with a table that it does not know', async () => {
  const newer = await newDatabase()
  await newer.pool.query('CREATE TABLE bookmarks (uuid uuid)')
  const refused = await backUp(newer, join(folder, 'newer.jsonl.gz'))
  assert.equal(refused.status, 1)
  assert.match(refused.output, /bookmarks/)
})
