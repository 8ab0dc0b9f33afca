import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { ErrorBody } from '@cruddur/shared/errors'
import type { LiveNote } from '../live-note.ts'
import {
  type Call,
  createDatabase,
  eventually,
  listenTo,
  startApp,
  type TestApp,
  type TestDatabase,
} from '../testing.ts'

let database: TestDatabase
let app: TestApp
let notes: LiveNote[]
let worf: Call
let garek: Call

before(async () => {
  database = await createDatabase()
  app = await startApp({ databaseUrl: database.url })
  notes = (await listenTo(database)).notes
  worf = await app.actAs('worf')
  garek = await app.actAs('garek')
})

const password = 'to be a tailor, simply'

const signUp = async (handle: string): Promise<Call> => {
  const json = { handle, display_name: 'Somebody', email: `${handle}@example.com`, password }
  const { status, headers } = await app.call('POST', '/api/signup', { json })
  assert.equal(status, 200)
  const cookie = headers.getSetCookie()[0]?.split(';')[0] ?? ''
  return (method, path, options = {}) => app.call(method, path, { ...options, headers: { cookie, ...options.headers } })
}
const did = async (answer: ReturnType<Call>): Promise<{ uuid: string }> => {
  const { status, body } = await answer
  assert.equal(status, 200, JSON.stringify(body))
  return body as { uuid: string }
}
const write = (by: Call, message: string) => did(by('POST', '/api/activities', { json: { message, ttl: '1-day' } }))
const reply = (by: Call, to: string, message: string) =>
  did(by('POST', `/api/activities/${to}/reply`, { json: { message } }))
const erase = (by: Call, current_password = password) =>
  by('POST', '/api/account/erase', { json: { current_password } })
const countsOf = async (uuid: string) => {
  const [row] = await database.query(
    'SELECT likes_count, reposts_count, replies_count FROM activities WHERE uuid = $1',
    [uuid],
  )
  return row
}
const followsOf = async (handle: string) => {
  const [row] = await database.query('SELECT followers_count, following_count FROM users WHERE handle = $1', [handle])
  return row
}

test('erasing an account deletes its data and corrects the counts', async () => {
  const before = await followsOf('worf')
  const quark = await signUp('quark_ii')
  const theirs = await write(worf, 'Of honour')
  const nested = await reply(garek, theirs.uuid, 'Of tailoring')
  const own = await write(quark, 'Of profit')
  const answer = await reply(worf, own.uuid, 'Of honour, again')
  await reply(quark, theirs.uuid, 'Rule 1')
  await reply(quark, theirs.uuid, 'Rule 2')
  for (const { uuid } of [theirs, nested, own, answer]) {
    await did(quark('POST', `/api/activities/${uuid}/like`))
    await did(quark('POST', `/api/activities/${uuid}/repost`))
    await did(garek('POST', `/api/activities/${uuid}/like`))
  }
  await did(quark('POST', '/api/users/@worf/follow'))
  await did(worf('POST', '/api/users/@quark_ii/follow'))
  const { uuid: message } = await did(quark('POST', '/api/messages', { json: { handle: 'worf', message: 'Latinum?' } }))
  assert.deepEqual(await countsOf(theirs.uuid), { likes_count: 2, reposts_count: 1, replies_count: 3 })

  assert.equal((await erase(quark)).status, 200)

  assert.deepEqual(await countsOf(theirs.uuid), { likes_count: 1, reposts_count: 0, replies_count: 1 })
  assert.deepEqual(await countsOf(nested.uuid), { likes_count: 1, reposts_count: 0, replies_count: 0 })
  assert.deepEqual(await followsOf('worf'), before)
  for (const { uuid } of [own, answer]) assert.equal(await countsOf(uuid), undefined, 'crud and reply are gone')
  assert.deepEqual(await database.query('SELECT FROM messages WHERE uuid = $1', [message]), [])
  assert.equal((await app.call('GET', '/api/users/@quark_ii/short')).status, 404)
  assert.equal((await quark('GET', '/api/sessions')).status, 401)
  const again = { handle: 'quark_ii', password }
  assert.equal((await app.call('POST', '/api/session', { json: again })).status, 401)

  const told = (kind: LiveNote['kind'], has: object) =>
    eventually(() =>
      notes.some(
        (note) => note.kind === kind && Object.entries(has).every(([name, value]) => Object(note)[name] === value),
      ),
    )
  await told('gone', { uuid: own.uuid })
  await told('counts', { uuid: theirs.uuid, likes_count: 1, reposts_count: 0, replies_count: 1 })
  await told('profile', { handle: 'worf' })
  await told('profile', { handle: 'quark_ii' })
  await told('sessions-ended', {})
})

test('an erase needs the password, and demo people cannot be erased', async () => {
  const rom = await signUp('rom_ii')
  const wrong = await erase(rom, 'a guess')
  assert.deepEqual([wrong.status, Object.keys((wrong.body as ErrorBody).fields ?? {})], [400, ['current_password']])
  assert.equal((await rom('GET', '/api/sessions')).status, 200)
  assert.equal((await erase(worf, 'null')).status, 403)
  assert.equal((await app.call('POST', '/api/account/erase', { json: { current_password: password } })).status, 401)
})

test('counts stay right when a person acts during the erase', async () => {
  const theirs = await write(worf, 'A crowd')
  const crowd = await Promise.all(['one', 'two', 'three'].map((name) => signUp(`crowd_${name}`)))
  await Promise.all(crowd.map((by) => did(by('POST', `/api/activities/${theirs.uuid}/like`))))
  await Promise.all(
    crowd.flatMap((by) => [
      erase(by),
      by('DELETE', `/api/activities/${theirs.uuid}/like`),
      by('POST', `/api/activities/${theirs.uuid}/repost`),
      by('POST', `/api/activities/${theirs.uuid}/reply`, { json: { message: 'Wait' } }),
      by('POST', '/api/users/@worf/follow'),
    ]),
  )
  await Promise.all(crowd.map((by) => erase(by)))
  assert.deepEqual(await database.query("SELECT FROM users WHERE handle LIKE 'crowd%'"), [])
  assert.deepEqual(await countsOf(theirs.uuid), { likes_count: 0, reposts_count: 0, replies_count: 0 })
  assert.deepEqual(await followsOf('worf'), { followers_count: 0, following_count: 0 })
})
