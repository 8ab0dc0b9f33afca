import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { before, type TestContext, test } from 'node:test'
import type { ErrorBody } from '@cruddur/shared/errors'
import { Session } from '@cruddur/shared/session'
import * as z from 'zod/mini'
import { createDatabase, startApp, type TestApp, type TestDatabase } from '../testing.ts'

let database: TestDatabase
let app: TestApp

before(async () => {
  database = await createDatabase()
  app = await startApp({ databaseUrl: database.url })
})

const password = 'a good day to die'
const person = (handle: string, more: object = {}) => ({
  handle,
  display_name: 'Martok',
  email: 'martok@example.com',
  password,
  ...more,
})
const signUp = (json: object, headers: Record<string, string> = {}, at: TestApp = app) =>
  at.call('POST', '/api/signup', { json, headers })
const signIn = (handle: string, given: string, headers: Record<string, string> = {}, at: TestApp = app) =>
  at.call('POST', '/api/session', { json: { handle, password: given }, headers })
const pairOf = ({ headers }: { headers: Headers }) => headers.getSetCookie()[0]?.split(';')[0] ?? ''
const userOf = async (cookie: string) => {
  const { body } = await app.call('GET', '/api/session', { headers: { cookie } })
  return z.parse(Session, body).user?.handle ?? null
}
const fieldsOf = ({ body }: { body: unknown }) => (body as ErrorBody).fields ?? {}

test('a new account can sign up, out and in again', async () => {
  const up = await signUp(person('martok'))
  assert.equal(up.status, 200)
  assert.equal(z.parse(Session, up.body).user?.display_name, 'Martok')
  const first = pairOf(up)
  assert.equal(await userOf(first), 'martok')

  await app.call('DELETE', '/api/session', { headers: { cookie: first } })
  assert.equal(await userOf(first), null)

  const again = await signIn(' @Martok ', password)
  assert.equal(again.status, 200)
  assert.equal(await userOf(pairOf(again)), 'martok')
})

test('a password is stored as a hash only, and no answer has it or the mail address', async () => {
  const up = await signUp(person('alexander', { email: ' Alexander@Example.COM ', password: 'bat-leth bat-leth' }))
  const rows = await database.query<Record<string, string>>("SELECT * FROM users WHERE handle = 'alexander'")
  assert.equal(rows[0]?.email, 'alexander@example.com')
  assert.match(rows[0]?.password_hash ?? '', /^\$scrypt\$/)
  assert.ok(!JSON.stringify(rows).includes('bat-leth'))
  const seen = [
    up,
    await signIn('alexander', 'bat-leth bat-leth'),
    await app.call('GET', '/api/session', { headers: { cookie: pairOf(up) } }),
    await app.call('GET', '/api/users/@alexander/short'),
  ]
  for (const { status, body } of seen) {
    assert.equal(status, 200)
    assert.doesNotMatch(JSON.stringify(body), /bat-leth|scrypt|example\.com|password|email/i)
  }
})

test('a taken handle is refused at its field, also when two people ask for it at once', async () => {
  const answers = await Promise.all([signUp(person('gowron')), signUp(person('gowron'))])
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409])
  const taken = [await signUp(person('GOWRON')), await signUp(person('worf'))]
  for (const answer of [...taken, answers.find(({ status }) => status === 409) as (typeof answers)[number]]) {
    assert.equal(answer.status, 409)
    assert.equal((answer.body as ErrorBody).code, 'handle_taken')
    assert.deepEqual(Object.keys(fieldsOf(answer)), ['handle'])
    assert.deepEqual(answer.headers.getSetCookie(), [])
  }
})

test('two accounts may have the same mail address, because no address is verified', async () => {
  assert.equal((await signUp(person('lursa', { email: 'house@duras.example' }))).status, 200)
  assert.equal((await signUp(person('betor', { email: 'house@duras.example' }))).status, 200)
})

test('each invalid field is named', async () => {
  const wrong = await signUp({ handle: 'a b', display_name: 'x'.repeat(61), email: 'nobody', password: 'short' })
  assert.equal(wrong.status, 400)
  assert.deepEqual(Object.keys(fieldsOf(wrong)).sort(), ['display_name', 'email', 'handle', 'password'])
  const blank = await signUp({ handle: ' ', display_name: ' ', email: 'a@b.example', password })
  assert.equal(blank.status, 422)
  assert.equal((blank.body as ErrorBody).code, 'user_handle_blank')
  assert.deepEqual(Object.keys(fieldsOf(blank)).sort(), ['display_name', 'handle'])
})

test('a common password is refused, in upper and lower case', async () => {
  for (const common of ['qwertyuiop', '1234567890', 'PassWord123', '1q2w3e4r5t']) {
    const answer = await signUp(person('duras', { password: common }))
    assert.equal(answer.status, 400, common)
    assert.match(fieldsOf(answer).password ?? '', /most common/)
  }
})

test('a sign-up cannot set demo, uuid, counts or a hash', async () => {
  for (const [name, value] of Object.entries({
    demo: true,
    uuid: '3f3f3f3f-3f3f-4f3f-8f3f-3f3f3f3f3f3f',
    password_hash: '$scrypt$',
    followers_count: 1_000_000,
    created_at: '2000-01-01T00:00:00Z',
  })) {
    const answer = await signUp(person('duras', { [name]: value }))
    assert.equal(answer.status, 400, name)
    assert.deepEqual(Object.keys(fieldsOf(answer)), [name])
  }
  assert.deepEqual(await database.query("SELECT 1 FROM users WHERE handle = 'duras'"), [])
})

test('every sign-up and sign-in makes a new token and ends the old one', async () => {
  const planted = 'cruddur_session=planted-by-someone-else'
  const up = await signUp(person('kurn'), { cookie: planted })
  assert.notEqual(pairOf(up), planted)
  assert.equal(await userOf(planted), null)
  const again = await signIn('kurn', password, { cookie: pairOf(up) })
  assert.notEqual(pairOf(again), pairOf(up))
  assert.equal(await userOf(pairOf(up)), null)
  assert.equal(await userOf(pairOf(again)), 'kurn')
  const [cookie = ''] = again.headers.getSetCookie()
  assert.match(cookie, /; HttpOnly/)
  assert.match(cookie, /; SameSite=Lax/)
})

test('a failed sign-in leaves the current session alone', async () => {
  const up = await signUp(person('kahless'))
  assert.equal((await signIn('kahless', 'something wrong', { cookie: pairOf(up) })).status, 401)
  assert.equal((await signUp(person('worf'), { cookie: pairOf(up) })).status, 409)
  assert.equal(await userOf(pairOf(up)), 'kahless')
})

/** Records the arguments of each scrypt call. */
const scryptRuns = (t: TestContext) => {
  const runs: string[] = []
  const real = crypto.scrypt
  t.mock.method(crypto, 'scrypt', ((...args: Parameters<typeof real>) => {
    const [, salt, length, options] = args
    runs.push(JSON.stringify([(salt as Buffer).length, length, options]))
    return real(...args)
  }) as typeof real)
  syncBuiltinESMExports()
  t.after(() => {
    t.mock.restoreAll()
    syncBuiltinESMExports()
  })
  return runs
}

test('a wrong password, an unknown handle and an account without a password get the same answer after the same work', async (t) => {
  await signUp(person('toral'))
  const runs = scryptRuns(t)
  const seen: unknown[] = []
  for (const handle of ['toral', 'nobody_at_all', 'worf', 'quark']) {
    runs.length = 0
    const { status, body, headers } = await signIn(handle, 'not the password')
    const names = [...headers.keys()].filter((name) => name !== 'server-timing').sort()
    seen.push({ status, body, names, runs: [...runs] })
  }
  const [first] = seen as { status: number; body: ErrorBody; names: string[]; runs: string[] }[]
  assert.equal(first?.status, 401)
  assert.equal(first?.body.code, 'wrong_credentials')
  assert.equal(first?.body.fields, undefined, 'the answer does not say which of the two is wrong')
  assert.ok(!first?.names.includes('set-cookie'))
  assert.equal(first?.runs.length, 1)
  for (const other of seen) assert.deepEqual(other, first)
})

test('an account without a password cannot sign in with any password', async () => {
  for (const given of ['null', 'undefined', ' ', '\0']) assert.equal((await signIn('worf', given)).status, 401)
})

test('another site or a form cannot sign up or in', async () => {
  const evil = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  assert.equal((await signUp(person('evil'), evil)).status, 403)
  assert.equal((await signIn('martok', password, evil)).status, 403)
  for (const path of ['/api/signup', '/api/session']) {
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    assert.equal((await app.call('POST', path, { body: 'handle=martok', headers: form })).status, 415, path)
  }
})

test('an address that guesses too often is refused, and the owner can sign in from another address', async () => {
  const rateLimits = {
    signIns: { burst: 9, perSecond: 0.01 },
    guesses: { burst: 3, perSecond: 0.01 },
    signUps: { burst: 2, perSecond: 0.01 },
  }
  const limited = await startApp({ databaseUrl: database.url, rateLimits })
  const from = (address: string) => ({ 'x-forwarded-for': address })
  const statuses = async (handle: string, addresses: string[]) => {
    const seen: number[] = []
    for (const address of addresses) seen.push((await signIn(handle, 'a guess', from(address), limited)).status)
    return seen
  }
  for (const handle of ['martok', 'no_such_person'])
    assert.deepEqual(await statuses(handle, Array(4).fill('203.0.113.1')), [401, 401, 401, 429], handle)
  const guesser = await signIn('martok', password, from('203.0.113.1'), limited)
  assert.equal(guesser.status, 429, 'also with the right password')
  assert.equal((guesser.body as ErrorBody).code, 'too_many_requests')
  assert.equal((await signIn('martok', password, from('203.0.113.9'), limited)).status, 200, 'the owner')
  assert.ok(Number(guesser.headers.get('retry-after')) > 30)
  assert.match((guesser.body as ErrorBody).message, /Try again in \d+ seconds?\./)

  const many = [...'abcdefghij']
  const seen: number[] = []
  for (const handle of many) seen.push((await signIn(handle, 'a guess', from('203.0.113.77'), limited)).status)
  assert.deepEqual(seen, [...Array(9).fill(401), 429], 'the address is limited, whichever accounts it tries')

  const made: number[] = []
  for (const handle of ['house_1', 'house_2', 'house_3']) {
    made.push((await signUp(person(handle), from('203.0.113.5'), limited)).status)
  }
  assert.deepEqual(made, [200, 200, 429])
  assert.equal((await signUp(person('house_4'), from('203.0.113.6'), limited)).status, 200, 'another address')
})
