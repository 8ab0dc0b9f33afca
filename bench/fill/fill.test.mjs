import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { migrate } from '../../backend/src/db/migrate.ts'
import { startThrowAwayDatabase } from '../../scripts/database.mjs'
import { createScratchDatabase } from '../../scripts/scratch-database.mjs'

const command = resolve(import.meta.dirname, 'main.mjs')
let server
let filled
const made = []

before(async () => {
  server = process.env.DATABASE_URL ? null : await startThrowAwayDatabase()
  filled = await newDatabase()
  await migrate(filled.url)
  const { status, output } = fill(filled.url, '--activities', '2000', '--people', '200', '--likes', '2500')
  assert.equal(status, 0, output)
})
after(async () => {
  for (const { client, drop } of made) {
    await client.end()
    await drop()
  }
  await server?.stop()
})

test('a fill makes the requested sizes', async () => {
  const rows = await filled.rows(`SELECT (SELECT count(*)::int FROM users) AS people,
    (SELECT count(*)::int FROM activities) AS activities, (SELECT count(*)::int FROM likes) AS likes`)
  assert.deepEqual(rows, [{ people: 200, activities: 2_000, likes: 2_500 }])
})

test('every uuid is a valid version 4', async () => {
  for (const table of ['users', 'activities', 'message_groups', 'messages', 'notifications']) {
    assert.deepEqual(
      await filled.rows(`SELECT uuid FROM ${table} WHERE uuid_extract_version(uuid) IS DISTINCT FROM 4`),
      [],
    )
  }
})

const miscounted = `SELECT uuid FROM activities AS a WHERE
  likes_count <> (SELECT count(*) FROM likes WHERE activity_uuid = a.uuid)
  OR reposts_count <> (SELECT count(*) FROM reposts WHERE activity_uuid = a.uuid)
  OR replies_count <> (SELECT count(*) FROM activities WHERE reply_to_activity_uuid = a.uuid)`

test('every counter matches its rows', async () => {
  assert.deepEqual(await filled.rows(miscounted), [])
  assert.deepEqual(
    await filled.rows(`SELECT handle FROM users WHERE
      followers_count <> (SELECT count(*) FROM follows WHERE followed_uuid = users.uuid)
      OR following_count <> (SELECT count(*) FROM follows WHERE follower_uuid = users.uuid)`),
    [],
  )
  assert.deepEqual(
    await filled.rows(`SELECT message_group_uuid FROM message_group_members AS m WHERE
      last_message_at <> (SELECT max(created_at) FROM messages WHERE message_group_uuid = m.message_group_uuid)
      OR unread_count > (SELECT count(*) FROM messages
        WHERE message_group_uuid = m.message_group_uuid AND user_uuid = m.other_uuid)`),
    [],
  )
})

test('the data looks real: few people write a lot, few cruds are liked a lot, all lifetimes and ages occur', async () => {
  const [shape] = await filled.rows(`SELECT
    (SELECT max(n)::int FROM (SELECT count(*) AS n FROM activities GROUP BY user_uuid) AS by_author) AS of_one_author,
    max(likes_count) AS likes, max(replies_count) AS replies, max(length(message)) AS longest,
    count(DISTINCT expires_at - created_at) FILTER (WHERE reply_to_activity_uuid IS NULL)::int AS lifetimes,
    avg((expires_at <= now())::int)::float AS expired, max(created_at) <= now() AS past FROM activities`)
  assert.ok(shape.of_one_author > 50 && shape.likes > 100 && shape.replies > 20, JSON.stringify(shape))
  assert.ok(shape.lifetimes === 7 && shape.longest <= 280 && shape.past, JSON.stringify(shape))
  assert.ok(shape.expired > 0.02 && shape.expired < 0.2, JSON.stringify(shape))
  assert.deepEqual(
    await filled.rows(`SELECT r.uuid FROM activities AS r JOIN activities AS a ON a.uuid = r.reply_to_activity_uuid
      WHERE r.expires_at <> a.expires_at OR r.created_at < a.created_at`),
    [],
  )
})

test('the hashtags match the messages', async () => {
  const rows = await filled.rows(`SELECT message, array_remove(array_agg(tag ORDER BY tag), NULL) AS tags
    FROM activities LEFT JOIN hashtags ON activity_uuid = uuid GROUP BY uuid`)
  const { hashtagsIn } = await import('../../shared/src/message-parts.ts')
  for (const { message, tags } of rows) assert.deepEqual(hashtagsIn(message).toSorted(), tags)
  assert.ok(rows.some(({ tags }) => tags.length === 2))
})

test('all six kinds of notification occur, and people are not notified of their own actions', async () => {
  const rows = await filled.rows('SELECT DISTINCT kind FROM notifications ORDER BY 1')
  assert.deepEqual(
    rows.map(({ kind }) => kind),
    ['follow', 'like', 'mention', 'message', 'reply', 'repost'],
  )
  assert.deepEqual(await filled.rows('SELECT uuid FROM notifications WHERE user_uuid = actor_uuid'), [])
})

test('a second fill says that the data is there and changes nothing', async () => {
  const same = fill(filled.url, '--activities', '2000', '--people', '200')
  assert.deepEqual(same, {
    status: 0,
    output: 'There are 2,000 activities by 200 people from an earlier fill. Nothing to do.\n',
  })
  const { status, output } = fill(filled.url, '--activities', '3000', '--people', '300')
  assert.equal(status, 1)
  assert.match(output, /Remove them first/)
})

test('a fill sends no live events and makes the same rows each time', async () => {
  const [first, second] = [await newDatabase(), await newDatabase()]
  for (const { url } of [first, second]) await migrate(url)
  const heard = []
  first.client.on('notification', (note) => heard.push(note))
  await first.rows('LISTEN live')
  for (const { url } of [first, second]) fill(url, '--activities', '300', '--people', '20')
  await first.rows('SELECT 1')
  assert.deepEqual(heard, [])
  const messages = 'SELECT uuid, user_uuid, message, likes_count FROM activities ORDER BY uuid'
  assert.deepEqual(await first.rows(messages), await second.rows(messages))
})

test('--remove leaves the other users as they were', async () => {
  const { url, rows } = await newDatabase()
  await migrate(url)
  await rows(`INSERT INTO users (handle, display_name) VALUES ('fill_worf', 'Worf')`)
  assert.equal(fill(url, '--activities', '300', '--people', '20').status, 0)
  await rows(
    `INSERT INTO follows SELECT w.uuid, f.uuid FROM users w, users f WHERE w.handle = 'fill_worf' AND f.handle IN ('fill_1', 'fill_2')`,
  )
  await rows(`UPDATE users SET following_count = 2 WHERE handle = 'fill_worf'`)
  const { status, output } = fill(url, '--remove')
  assert.equal(status, 0)
  assert.match(output, /Removed 20 people, their 300 activities/)
  assert.deepEqual(await rows('SELECT handle, following_count FROM users'), [
    { handle: 'fill_worf', following_count: 0 },
  ])
  for (const table of ['activities', 'likes', 'follows', 'hashtags', 'notifications', 'messages', 'message_groups']) {
    assert.deepEqual(await rows(`SELECT * FROM ${table}`), [], table)
  }
  assert.match(fill(url, '--remove').output, /There is nothing to remove/)
})

test('an interrupted fill is recognised and can be removed', async () => {
  const { url, rows } = await newDatabase()
  await migrate(url)
  await rows('ALTER TABLE messages ADD CHECK (length(message) < 30)')
  assert.equal(fill(url, '--activities', '300', '--people', '20').status, 1)
  assert.match(
    fill(url, '--activities', '300', '--people', '20').output,
    /an earlier fill that was interrupted\. Remove them/,
  )
  assert.equal(fill(url, '--remove').status, 0)
  assert.deepEqual(await rows('SELECT uuid FROM users'), [])
})

test('a backend may sweep during a fill', async () => {
  const { url, rows } = await newDatabase()
  await migrate(url)
  let swept = 0
  // A pause of this process can be longer than the fill.
  while (swept === 0) {
    assert.notEqual(fill(url, '--remove').status, null)
    const filling = spawn(process.execPath, [command, '--activities', '6000', '--people', '1000'], {
      env: { PATH: process.env.PATH, DATABASE_URL: url },
    })
    let code
    filling.once('exit', (ended) => (code = ended))
    while (code === undefined) {
      const gone =
        await rows(`WITH due AS (SELECT uuid FROM activities WHERE reply_to_activity_uuid IS NULL AND expires_at < now()
        ORDER BY expires_at LIMIT 20 FOR UPDATE SKIP LOCKED) DELETE FROM activities USING due WHERE activities.uuid = due.uuid RETURNING 1`)
      swept += gone.length
      await delay(10)
    }
    assert.equal(code, 0)
  }
  assert.deepEqual(await rows(miscounted), [])
})

test('a database without tables, or with tables of another application, is refused in one sentence', async () => {
  const empty = await newDatabase()
  assert.deepEqual(fill(empty.url), {
    status: 1,
    output: 'This database has no tables. Start the backend on it once to create them.\n',
  })
  const stranger = await newDatabase()
  await stranger.rows('CREATE TABLE users (handle text)')
  assert.match(fill(stranger.url).output, /not a Cruddur database\. Nothing was changed/)
  assert.match(
    fill('postgres://nobody:secret@127.0.0.1:1/none').output,
    /^The database cannot be reached \(ECONNREFUSED\)/,
  )
  assert.match(fill(empty.url, '--people', 'many').output, /^--people must be a number/)
  assert.match(fill(empty.url, '--people', '20', '--likes', '9999').output, /^--likes must be a number from 0 to 2517/)
})

test('a real user with a made-up handle stops the fill', async () => {
  const { url, rows } = await newDatabase()
  await migrate(url)
  await rows(`INSERT INTO users (handle, display_name) VALUES ('fill_3', 'Jadzia')`)
  assert.match(fill(url, '--people', '20', '--activities', '10').output, /has the handle fill_3\. Nothing was changed/)
  assert.match(fill(url, '--remove').output, /There is nothing to remove/)
  assert.equal((await rows('SELECT uuid FROM users')).length, 1)
})

async function newDatabase() {
  const { url, drop } = await createScratchDatabase(process.env.DATABASE_URL ?? server.url)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  made.push({ client, drop })
  return { url, client, rows: async (text) => (await client.query(text)).rows }
}

function fill(url, ...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
    env: { PATH: process.env.PATH, DATABASE_URL: url },
    encoding: 'utf8',
  })
  return { status, output: stdout + stderr }
}
