import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { createDatabase, startApp, type TestApp, type TestDatabase } from '../testing.ts'

let database: TestDatabase
let app: TestApp

before(async () => {
  database = await createDatabase()
  app = await startApp({ databaseUrl: database.url, demoPeople: false, frontendUrl: 'https://cruddur.example' })
})

test('without demo people no one is seeded or offered, and no visitor can act as a demo person', async () => {
  assert.deepEqual((await app.call('GET', '/api/session')).body, { user: null, people: [] })
  assert.equal((await app.call('POST', '/api/session/demo', { json: { handle: 'worf' } })).status, 403)
  assert.deepEqual(await database.query('SELECT 1 FROM users'), [])
  assert.deepEqual((await app.call('GET', '/api/activities/home')).body, { activities: [], next_cursor: null })
})

test('sessions of demo people end when demo people are switched off', async () => {
  const shared = await createDatabase()
  const open = await startApp({ databaseUrl: shared.url })
  const worf = await open.actAs('worf')
  const json = { handle: 'martok', display_name: 'Martok', email: 'martok@example.com', password: 'a good day to die' }
  const { headers } = await open.call('POST', '/api/signup', { json })
  const cookie = headers.getSetCookie()[0]?.split(';')[0] ?? ''
  await startApp({ databaseUrl: shared.url, demoPeople: false })
  assert.equal((await worf('GET', '/api/sessions')).status, 401)
  assert.equal((await open.call('GET', '/api/sessions', { headers: { cookie } })).status, 200, 'an account stays')
})

test('over HTTPS the cookie is bound to its host, and HSTS is on', async () => {
  const { headers } = await app.call('DELETE', '/api/session')
  assert.match(headers.getSetCookie()[0] ?? '', /^__Host-cruddur_session=;.*Path=\/;.*HttpOnly; Secure; SameSite=Lax/)
  assert.match(headers.get('strict-transport-security') ?? '', /max-age=31536000/)
})
