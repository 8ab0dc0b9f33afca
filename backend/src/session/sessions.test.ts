import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { Sessions } from '@cruddur/shared/session'
import * as z from 'zod/mini'
import type { LiveNote } from '../live-note.ts'
import { createDatabase, eventually, listenTo, startApp, type TestApp, type TestDatabase } from '../testing.ts'

let database: TestDatabase
let app: TestApp
let notes: LiveNote[]

before(async () => {
  database = await createDatabase()
  app = await startApp({ databaseUrl: database.url })
  notes = (await listenTo(database)).notes
})

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0'
const safari =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1'
const password = 'to be a tailor, simply'

const signUp = (handle: string) =>
  begin('/api/signup', { handle, display_name: 'Somebody', email: 'somebody@example.com', password }, firefox)
const signIn = (handle: string, userAgent = safari) => begin('/api/session', { handle, password }, userAgent)
const begin = async (path: string, json: object, userAgent: string) => {
  const { status, headers } = await app.call('POST', path, { json, headers: { 'user-agent': userAgent } })
  assert.equal(status, 200)
  return { cookie: headers.getSetCookie()[0]?.split(';')[0] ?? '' }
}
const ask = (method: string, path: string, { cookie }: { cookie: string }) =>
  app.call(method, path, { headers: { cookie } })
const list = async (session: { cookie: string }) => {
  const { status, body } = await ask('GET', '/api/sessions', session)
  assert.equal(status, 200)
  return z.parse(Sessions, body).sessions
}
const uuidOf = async (session: { cookie: string }) => (await list(session)).find(({ current }) => current)?.uuid ?? ''
const isSignedIn = async (session: { cookie: string }) => (await ask('GET', '/api/sessions', session)).status === 200
const ended = (uuid: string) =>
  eventually(() => notes.some((note) => note.kind === 'sessions-ended' && note.session_uuids.includes(uuid)))

test('the list of sessions has the browser and system of each, the current one first', async () => {
  const here = await signUp('enabran')
  const there = await signIn('enabran')
  const seen = await list(here)
  assert.deepEqual(
    seen.map(({ client, current }) => [client, current]),
    [
      ['Firefox on Linux', true],
      ['Safari on iPhone', false],
    ],
  )
  assert.deepEqual((await list(there)).map(({ client }) => client)[0], 'Safari on iPhone')
  assert.deepEqual(Object.keys(seen[0] ?? {}).sort(), ['client', 'created_at', 'current', 'last_seen_at', 'uuid'])
  assert.equal((await app.call('GET', '/api/sessions')).status, 401)
})

test('the list of sessions has no expired ones', async () => {
  const here = await signUp('tolar')
  const there = await signIn('tolar')
  await database.query("UPDATE sessions SET expires_at = now() - interval '1 second' WHERE uuid = $1", [
    await uuidOf(there),
  ])
  assert.equal((await list(here)).length, 1)
})

test('a user ends one other session, which is announced', async () => {
  const here = await signUp('mila')
  const [there, elsewhere] = [await signIn('mila'), await signIn('mila')]
  const uuid = await uuidOf(there)
  const { status, body } = await ask('DELETE', `/api/sessions/${uuid}`, here)
  assert.equal(status, 200)
  assert.equal(z.parse(Sessions, body).sessions.length, 2)
  assert.equal(await isSignedIn(there), false)
  assert.equal(await isSignedIn(elsewhere), true)
  assert.equal(await isSignedIn(here), true)
  await ended(uuid)
  assert.equal((await ask('DELETE', `/api/sessions/${uuid}`, here)).status, 404, 'the session has already ended')
  assert.equal((await ask('DELETE', `/api/sessions/${await uuidOf(here)}`, here)).status, 404, 'it is the current one')
})

test('a user ends all other sessions at once', async () => {
  const here = await signUp('ziyal')
  const others = [await signIn('ziyal'), await signIn('ziyal'), await signIn('ziyal')]
  const uuids = await Promise.all(others.map(uuidOf))
  const { status, body } = await ask('DELETE', '/api/sessions', here)
  assert.equal(status, 200)
  assert.deepEqual(
    z.parse(Sessions, body).sessions.map(({ current }) => current),
    [true],
  )
  for (const other of others) assert.equal(await isSignedIn(other), false)
  await Promise.all(uuids.map(ended))
})

test('hundreds of sessions can end at once without an announcement that is too long', async () => {
  const here = await signUp('leeta')
  await database.query(
    `INSERT INTO sessions (token_hash, user_uuid, expires_at)
     SELECT sha256(n::text::bytea), uuid, now() + interval '1 day' FROM users, generate_series(1, 500) AS n
     WHERE handle = 'leeta'`,
  )
  assert.equal((await list(here)).length, 50, 'the list is bounded')
  assert.equal((await ask('DELETE', '/api/sessions', here)).status, 200)
  assert.equal((await list(here)).length, 1)
})

test('another user’s session looks like one that does not exist', async () => {
  const [mine, theirs] = [await signUp('dukat'), await signUp('damar')]
  const uuid = await uuidOf(theirs)
  const foreign = await ask('DELETE', `/api/sessions/${uuid}`, mine)
  const missing = await ask('DELETE', '/api/sessions/3f3f3f3f-3f3f-4f3f-8f3f-3f3f3f3f3f3f', mine)
  assert.equal(foreign.status, 404)
  assert.deepEqual(foreign.body, missing.body)
  await ask('DELETE', '/api/sessions', mine)
  assert.equal(await isSignedIn(theirs), true)
  assert.ok(!(await list(mine)).some((session) => session.uuid === uuid))
  assert.equal((await app.call('DELETE', `/api/sessions/${uuid}`)).status, 401)
})

test('another site cannot end sessions', async () => {
  const here = await signUp('brunt')
  const there = await signIn('brunt')
  const headers = { cookie: here.cookie, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  for (const path of ['/api/session', '/api/sessions', `/api/sessions/${await uuidOf(there)}`]) {
    assert.equal((await app.call('DELETE', path, { headers })).status, 403, path)
  }
  assert.equal((await list(here)).length, 2)
})

test('a sign-out and a second sign-in announce the ended session', async () => {
  const first = await signUp('rom')
  const uuid = await uuidOf(first)
  const again = await app.call('POST', '/api/session', {
    json: { handle: 'rom', password },
    headers: { cookie: first.cookie },
  })
  await ended(uuid)
  const second = { cookie: again.headers.getSetCookie()[0]?.split(';')[0] ?? '' }
  const next = await uuidOf(second)
  const other = await app.call('POST', '/api/signup', {
    json: { handle: 'nog', display_name: 'Nog', email: 'nog@example.com', password },
    headers: second,
  })
  assert.equal(other.status, 200)
  await ended(next)
  const third = { cookie: other.headers.getSetCookie()[0]?.split(';')[0] ?? '' }
  const last = await uuidOf(third)
  await ask('DELETE', '/api/session', third)
  await ended(last)
})

test('the time of last use is written every few minutes, not with every request', async () => {
  const here = await signUp('morn')
  const uuid = await uuidOf(here)
  const seen = async () => {
    const [row] = await database.query<{ at: string }>(
      'SELECT last_seen_at::text AS at FROM sessions WHERE uuid = $1',
      [uuid],
    )
    return row?.at
  }
  const before = await seen()
  await list(here)
  assert.equal(await seen(), before)
  await database.query("UPDATE sessions SET last_seen_at = now() - interval '6 minutes' WHERE uuid = $1", [uuid])
  await list(here)
  const [row] = await database.query(
    "SELECT last_seen_at > now() - interval '1 minute' AS recent FROM sessions WHERE uuid = $1",
    [uuid],
  )
  assert.deepEqual(row, { recent: true })
})
