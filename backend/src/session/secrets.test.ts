import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDatabase, eventually, startBackend, startCollector } from '../testing.ts'

test('no span and no log line has a password, mail address or token, whether a sign-up succeeds or fails', async () => {
  const [database, collector] = [await createDatabase(), await startCollector()]
  const backend = await startBackend({
    DATABASE_URL: database.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '100',
    LOG_FORMAT: 'json',
  })
  const person = { handle: 'seska', display_name: 'Seska', email: 's3cr3t-mail@cardassia.example' }
  const password = 's3cr3t-password'
  const signUp = (json: object) => backend.call('POST', '/api/signup', { json })
  const signIn = (json: object) => backend.call('POST', '/api/session', { json })

  const up = await signUp({ ...person, password })
  assert.equal(up.status, 200)
  const cookie = up.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const token = cookie.split('=')[1] ?? ''
  assert.ok(token.length > 20)
  assert.equal((await signUp({ ...person, password })).status, 409)
  assert.equal((await signUp({ ...person, handle: 'x!', password: 's3cr3t' })).status, 400)
  assert.equal((await signIn({ handle: 'seska', password })).status, 200)
  assert.equal((await signIn({ handle: 'seska', password: 's3cr3t-guess' })).status, 401)
  assert.equal((await signIn({ handle: 'nobody', password: 's3cr3t-guess' })).status, 401)
  assert.equal((await backend.call('GET', '/api/sessions', { headers: { cookie } })).status, 200)

  // PostgreSQL quotes the whole row in its error.
  await database.query('ALTER TABLE users ADD CONSTRAINT broken CHECK (length(display_name) < 10) NOT VALID')
  const broken = await signUp({ ...person, handle: 'seska_two', display_name: 'Seska of Bajor', password })
  assert.equal(broken.status, 500)
  assert.doesNotMatch(JSON.stringify(broken.body), /s3cr3t|users|constraint/i)

  await eventually(() => collector.spans.some(({ name, status }) => name === 'session.sign_up' && status === 'error'))
  await eventually(() => collector.spans.some(({ name }) => name === 'session.list'))
  const seen = `${JSON.stringify(collector.spans)}${backend.output()}`
  assert.match(seen, /session\.sign_in/)
  assert.match(backend.output(), /"status":500/)
  assert.doesNotMatch(seen, /s3cr3t|cardassia|scrypt\$/i)
  assert.ok(!seen.includes(token))
})
