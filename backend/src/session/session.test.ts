import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { before, test } from 'node:test'
import { Session } from '@cruddur/shared/session'
import * as z from 'zod/mini'
import { createDatabase, startApp, type TestApp, type TestDatabase } from '../testing.ts'

let database: TestDatabase
let app: TestApp

before(async () => {
  database = await createDatabase()
  app = await startApp({ databaseUrl: database.url })
})

const start = async (headers: Record<string, string> = {}) => {
  const answer = await app.call('POST', '/api/session/demo', { json: { handle: 'worf' }, headers })
  const [cookie = ''] = answer.headers.getSetCookie()
  return { ...answer, cookie, pair: cookie.split(';')[0] ?? '', token: cookie.split(/[=;]/)[1] ?? '' }
}
const userOf = async (cookie: string) => {
  const { body } = await app.call('GET', '/api/session', { headers: { cookie } })
  return z.parse(Session, body).user?.handle ?? null
}

test('a visitor is signed out and may act as three people', async () => {
  const { status, body } = await app.call('GET', '/api/session')
  assert.equal(status, 200)
  const session = z.parse(Session, body)
  assert.equal(session.user, null)
  assert.deepEqual(
    session.people.map(({ handle }) => handle),
    ['andrewbrown', 'garek', 'worf'],
  )
})

test('the token is long, random, hidden from scripts and stored as a hash', async () => {
  const { status, cookie, token } = await start()
  assert.equal(status, 200)
  assert.match(cookie, /^cruddur_session=/)
  assert.match(cookie, /; HttpOnly/)
  assert.match(cookie, /; SameSite=Lax/)
  assert.match(cookie, /; Path=\//)
  assert.equal(Buffer.from(token, 'base64url').length, 32)
  const rows = await database.query<{ token_hash: Buffer }>('SELECT token_hash FROM sessions')
  const hash = createHash('sha256').update(token).digest()
  assert.ok(rows.some(({ token_hash }) => token_hash.equals(hash)))
  assert.ok(rows.every(({ token_hash }) => !token_hash.includes(token)))
})

test('a sign-in makes a new session, and a sign-out ends it', async () => {
  const first = await start()
  assert.equal(await userOf(first.pair), 'worf')
  const second = await start({ cookie: first.pair })
  assert.notEqual(second.token, first.token)
  assert.equal(await userOf(first.pair), null, 'the first session has ended')
  assert.equal(await userOf(second.pair), 'worf')

  const ended = await app.call('DELETE', '/api/session', { headers: { cookie: second.pair } })
  assert.equal(ended.status, 200)
  assert.match(ended.headers.getSetCookie()[0] ?? '', /^cruddur_session=;.*Expires=Thu, 01 Jan 1970/)
  assert.equal(await userOf(second.pair), null)
})

test('an expired session is signed out, by the clock of the database', async () => {
  const { pair } = await start()
  await database.query("UPDATE sessions SET expires_at = now() - interval '1 second'")
  assert.equal(await userOf(pair), null)
})

test('a visitor can act as demo people only', async () => {
  for (const handle of ['quark', 'nobody']) {
    assert.equal((await app.call('POST', '/api/session/demo', { json: { handle } })).status, 404, handle)
  }
  assert.equal((await app.call('POST', '/api/session/demo', { json: { handle: 'Not A Handle' } })).status, 400)
})

test('another site cannot sign in or out', async () => {
  const from = (headers: Record<string, string>) =>
    app.call('POST', '/api/session/demo', { json: { handle: 'worf' }, headers }).then(({ status }) => status)
  assert.equal(await from({ 'sec-fetch-site': 'cross-site' }), 403)
  assert.equal(await from({ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }), 403)
  assert.equal(await from({ 'sec-fetch-site': 'same-site', origin: 'http://localhost:9999' }), 403)
  assert.equal(await from({ origin: 'https://evil.example' }), 403)
  assert.equal(await from({ origin: 'null' }), 403)
  assert.equal(await from({ 'sec-fetch-site': 'same-origin', origin: 'http://127.0.0.1:3000' }), 200)
  assert.equal(await from({ 'sec-fetch-site': 'same-site', origin: 'http://localhost:3000' }), 200)
  assert.equal(await from({ origin: 'http://localhost:3000' }), 200)
  assert.equal(await from({ origin: app.url }), 200)
  const { pair } = await start()
  const ended = await app.call('DELETE', '/api/session', { headers: { cookie: pair, origin: 'https://evil.example' } })
  assert.equal(ended.status, 403)
  assert.equal(await userOf(pair), 'worf')
})

test('a form is refused and changes nothing', async () => {
  for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x']) {
    const answer = await app.call('POST', '/api/session/demo', {
      body: '{"handle":"worf"}',
      headers: { 'content-type': type },
    })
    assert.equal(answer.status, 415, type)
  }
})
