import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { AccountExport } from '@cruddur/shared/users'
import * as z from 'zod/mini'
import { createDatabase, startApp, type TestApp, type TestDatabase } from '../testing.ts'

let database: TestDatabase
let app: TestApp

before(async () => {
  database = await createDatabase()
  app = await startApp({ databaseUrl: database.url })
})

test('an export contains everything stored about the user and nothing else', async () => {
  const json = {
    handle: 'julian',
    display_name: 'Julian',
    email: 'julian@ds9.example',
    password: 'augmented, secretly',
  }
  const { headers } = await app.call('POST', '/api/signup', { json, headers: { 'user-agent': 'curl/8' } })
  const cookie = headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const julian = async (method: string, path: string, json?: object) => {
    const { status, body } = await app.call(method, path, { headers: { cookie }, ...(json && { json }) })
    assert.equal(status, 200)
    return body as { uuid: string }
  }
  const crud = await julian('POST', '/api/activities', { message: 'Diagnosis: "fine"\n', ttl: '1-hour' })
  const reply = await julian('POST', `/api/activities/${crud.uuid}/reply`, { message: 'Really' })
  const expired = await julian('POST', '/api/activities', { message: 'Gone', ttl: '1-hour' })
  await database.query(
    "UPDATE activities SET created_at = now() - interval '2 hours', expires_at = now() WHERE uuid = $1",
    [expired.uuid],
  )
  await julian('POST', '/api/messages', { handle: 'garek', message: 'Lunch?' })
  const garek = await app.actAs('garek')
  await garek('POST', '/api/messages', { json: { handle: 'julian', message: 'Not julian’s to have' } })
  await julian('POST', `/api/activities/${crud.uuid}/like`)
  await julian('POST', '/api/users/@garek/follow')
  await garek('POST', '/api/users/@julian/follow')

  const { body, status } = await app.call('GET', '/api/account/export', { headers: { cookie } })
  assert.equal(status, 200)
  const all = z.parse(AccountExport, body)
  assert.deepEqual([all.handle, all.display_name, all.email], ['julian', 'Julian', 'julian@ds9.example'])
  assert.deepEqual(
    all.activities.map(({ uuid, message }) => [uuid, message]),
    [
      [reply.uuid, 'Really'],
      [crud.uuid, 'Diagnosis: "fine"'],
    ],
  )
  assert.deepEqual(
    all.messages.map(({ to, message }) => [to, message]),
    [['garek', 'Lunch?']],
  )
  assert.deepEqual(
    all.likes.map(({ activity_uuid }) => activity_uuid),
    [crud.uuid],
  )
  assert.deepEqual(
    [all.reposts, all.follows.map(({ handle }) => handle), all.followers.map(({ handle }) => handle)],
    [[], ['garek'], ['garek']],
  )
  assert.equal(all.sessions.length, 1)
  assert.doesNotMatch(JSON.stringify(body), /scrypt|hash|token|Not julian/)
  assert.equal((await app.call('GET', '/api/account/export')).status, 401)
})

test('a user can export their account only a few times in a row', async () => {
  const limited = await startApp({ databaseUrl: database.url, rateLimits: { exports: { burst: 2, perSecond: 0.01 } } })
  const worf = await limited.actAs('worf')
  const garek = await limited.actAs('garek')
  const statuses: number[] = []
  for (let n = 0; n < 3; n++) statuses.push((await worf('GET', '/api/account/export')).status)
  assert.deepEqual(statuses, [200, 200, 429])
  assert.equal((await garek('GET', '/api/account/export')).status, 200)
})
