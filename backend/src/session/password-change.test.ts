import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { before, test } from 'node:test'
import type { ErrorBody } from '@cruddur/shared/errors'
import { Sessions } from '@cruddur/shared/session'
import * as z from 'zod/mini'
import type { LiveNote } from '../live-note.ts'
import { createDatabase, eventually, listenTo, startApp, type TestApp, type TestDatabase } from '../testing.ts'

let app: TestApp
let database: TestDatabase
let databaseUrl: string
let notes: LiveNote[]

before(async () => {
  database = await createDatabase()
  databaseUrl = database.url
  app = await startApp({ databaseUrl })
  notes = (await listenTo(database)).notes
})

const password = 'to be a tailor, simply'
const next = 'to be a gardener, simply'

const begin = async (path: string, json: object, at = app) => {
  const { status, headers } = await at.call('POST', path, { json })
  assert.equal(status, 200)
  return headers.getSetCookie()[0]?.split(';')[0] ?? ''
}
const signUp = (handle: string) =>
  begin('/api/signup', { handle, display_name: 'Somebody', email: 'somebody@example.com', password })
const signIn = (handle: string, given: string) =>
  app.call('POST', '/api/session', { json: { handle, password: given } }).then(({ status }) => status)
const change = (cookie: string, json: object, at = app) =>
  at.call('POST', '/api/account/password', { json, headers: { cookie } })
const isSignedIn = async (cookie: string) =>
  (await app.call('GET', '/api/sessions', { headers: { cookie } })).status === 200
const fieldsOf = ({ body }: { body: unknown }) => (body as ErrorBody).fields ?? {}

test('a new password signs out all other sessions', async () => {
  const here = await signUp('elim')
  const there = await begin('/api/session', { handle: 'elim', password })
  const { status, body } = await change(here, { current_password: password, password: next })
  assert.equal(status, 200)
  assert.deepEqual(
    z.parse(Sessions, body).sessions.map(({ current }) => current),
    [true],
  )
  assert.deepEqual([await isSignedIn(here), await isSignedIn(there)], [true, false])
  assert.deepEqual([await signIn('elim', password), await signIn('elim', next)], [401, 200])
  await eventually(() => notes.some(({ kind }) => kind === 'sessions-ended'))
})

test('a change needs the current password and a new password that is good enough', async () => {
  const here = await signUp('tain')
  const wrong = await change(here, { current_password: 'a guess', password: next })
  assert.deepEqual([wrong.status, Object.keys(fieldsOf(wrong))], [400, ['current_password']])
  for (const bad of ['short', 'qwertyuiop']) {
    const answer = await change(here, { current_password: password, password: bad })
    assert.deepEqual([answer.status, Object.keys(fieldsOf(answer))], [400, ['password']], bad)
  }
  assert.equal(await signIn('tain', password), 200, 'nothing has changed')
  assert.equal(
    (await app.call('POST', '/api/account/password', { json: { current_password: password, password: next } })).status,
    401,
  )
})

test('a sign-in with the old password during the change is refused', async (t) => {
  await signUp('enabran')
  const [isHashing, isChanged] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const { scrypt } = crypto
  t.mock.method(crypto, 'scrypt', ((given, salt, length, options, done) => {
    isHashing.resolve()
    scrypt(given, salt, length, options, (...hashed) => void isChanged.promise.then(() => done(...hashed)))
  }) as typeof scrypt)
  syncBuiltinESMExports()
  t.after(() => {
    t.mock.restoreAll()
    syncBuiltinESMExports()
  })
  const signingIn = signIn('enabran', password)
  await isHashing.promise
  await database.query("UPDATE users SET password_hash = password_hash || 'x' WHERE handle = 'enabran'")
  isChanged.resolve()
  assert.equal(await signingIn, 401)
})

test('one of two changes at once is refused', async () => {
  const here = await signUp('mora')
  const answers = await Promise.all(
    ['a', 'b'].map((end) => change(here, { current_password: password, password: next + end })),
  )
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409])
})

test('demo people have no password to change', async () => {
  const cookie = await begin('/api/session/demo', { handle: 'worf' })
  assert.equal((await change(cookie, { current_password: 'null', password: next })).status, 403)
})

test('a stranger at an open session can try only a few passwords', async () => {
  const limited = await startApp({ databaseUrl, rateLimits: { guesses: { burst: 3, perSecond: 0.01 } } })
  const here = await signUp('enabran_tain')
  const statuses: number[] = []
  for (let n = 0; n < 4; n++)
    statuses.push((await change(here, { current_password: `guess ${n}`, password: next }, limited)).status)
  assert.deepEqual(statuses, [400, 400, 400, 429])
})
