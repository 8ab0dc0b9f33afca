import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readEnv } from './env.ts'

const needed = { DATABASE_URL: 'postgres://cruddur@localhost/cruddur' }

test('only the database has to be named', () => {
  const env = readEnv(needed)
  assert.equal(env.PORT, 4567)
  assert.equal(env.FRONTEND_URL, 'http://localhost:3000')
  assert.equal(env.DEMO_PEOPLE, false)
})

test('an empty line is a variable that was not set', () => {
  assert.equal(readEnv({ ...needed, PORT: '', DEMO_PEOPLE: '' }).PORT, 4567)
})

test('a wrong value is one line that names it', () => {
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
