import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readEnv } from './env.ts'

const needed = { DATABASE_URL: 'postgres://cruddur@localhost/cruddur' }

test('only DATABASE_URL is required', () => {
  const env = readEnv(needed)
  assert.equal(env.PORT, 4567)
  assert.equal(env.FRONTEND_URL, 'http://localhost:3000')
  assert.equal(env.DEMO_PEOPLE, false)
  assert.deepEqual(env.TRUSTED_PROXIES, ['loopback'])
})

test('an empty value counts as not set', () => {
  assert.equal(readEnv({ ...needed, PORT: '', DEMO_PEOPLE: '' }).PORT, 4567)
})

test('a wrong value gets one line that names its variable', () => {
  const wrong = [
    [{ PORT: 'http' }, 'PORT must be a port.'],
    [{ PORT: '70000' }, 'PORT must be a port.'],
    [{ DEMO_PEOPLE: 'yes' }, 'DEMO_PEOPLE must be true or false.'],
    [{ FRONTEND_URL: 'localhost:3000' }, 'FRONTEND_URL must be http://… or https://….'],
    [{ DATABASE_URL: 'mysql://x/y' }, 'DATABASE_URL must be postgres://user:password@host:port/database.'],
    [{ DATABASE_URL: '' }, 'DATABASE_URL is missing.'],
    [{ TRACE_LINK_TEMPLATE: 'http://x/' }, 'TRACE_LINK_TEMPLATE must contain {traceId}.'],
  ] as const
  for (const [given, message] of wrong) assert.throws(() => readEnv({ ...needed, ...given }), { message })
})

test('the limits per address and per user are numbers', () => {
  const { REQUESTS_PER_MINUTE, WRITES_PER_MINUTE } = readEnv(needed)
  assert.deepEqual([REQUESTS_PER_MINUTE, WRITES_PER_MINUTE], [1_200, 300])
  assert.equal(readEnv({ ...needed, WRITES_PER_MINUTE: '6000' }).WRITES_PER_MINUTE, 6_000)
  assert.throws(() => readEnv({ ...needed, REQUESTS_PER_MINUTE: '-1' }), {
    message: 'REQUESTS_PER_MINUTE must be a number from 1 to 999999.',
  })
})

test('trusted proxies are addresses, networks or their names, and never all addresses', () => {
  const read = (list: string) => readEnv({ ...needed, TRUSTED_PROXIES: list }).TRUSTED_PROXIES
  assert.deepEqual(read('uniquelocal, 203.0.113.7,fd00::/8,'), ['uniquelocal', '203.0.113.7', 'fd00::/8'])
  for (const wrong of ['localhost', '10.0.0', '10.0.0.0/33', '0.0.0.0/0', '::/0', 'true', '1', 'loopback,x']) {
    assert.throws(() => read(wrong), {
      message: 'TRUSTED_PROXIES must list addresses, networks (10.0.0.0/8), loopback, linklocal or uniquelocal.',
    })
  }
})
