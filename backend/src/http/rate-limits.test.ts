import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { ErrorBody } from '@cruddur/shared/errors'
import * as z from 'zod/mini'
import { createDatabase, eventually, startApp, startBackend } from '../testing.ts'
import { rateLimits } from './rate-limits.ts'

let databaseUrl: string

before(async () => {
  databaseUrl = (await createDatabase()).url
})

const from = (address: string) => ({ 'x-forwarded-for': address })

test('an address with too many requests is told when to retry, and other addresses are not affected', async () => {
  const app = await startApp({ databaseUrl, rateLimits: { requests: { burst: 5, perSecond: 0.01 } } })
  const ask = (address: string) => app.call('GET', '/api/session', { headers: from(address) })
  const statuses: number[] = []
  for (let n = 0; n < 6; n++) statuses.push((await ask('203.0.113.1')).status)
  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429])

  const { headers, body } = await ask('203.0.113.1')
  const error = z.parse(ErrorBody, body)
  assert.equal(error.code, 'too_many_requests')
  assert.match(error.message, /^Too many requests from your address\. Try again in \d+ seconds?\.$/)
  assert.ok(Number(headers.get('retry-after')) >= 1)
  assert.equal((await ask('203.0.113.2')).status, 200)
})

test('unknown paths, test faults and traced probes are limited too', async () => {
  const limits = { requests: { burst: 3, perSecond: 0.01 }, faults: { burst: 2, perSecond: 0.01 } }
  const app = await startApp({ databaseUrl, rateLimits: limits })
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
  const asked = [
    ['GET', '/nowhere', 404],
    ['PUT', '/api/session', 404],
    ['GET', '/api/openapi.json', 200],
    ['GET', '/api/health-check', 200],
  ] as const
  for (const [index, [method, path, status]] of asked.entries()) {
    const headers = { ...from(`203.0.113.${index}`), traceparent }
    const statuses: number[] = []
    for (let n = 0; n < 4; n++) statuses.push((await app.call(method, path, { headers })).status)
    assert.deepEqual(statuses, [status, status, status, 429], path)
  }
  const statuses: number[] = []
  for (let n = 0; n < 3; n++) {
    statuses.push((await app.call('GET', '/rollbar/test', { headers: from('203.0.113.9') })).status)
  }
  assert.deepEqual(statuses, [500, 500, 429])
})

test('repeated refusals of an address get one log line a second', async () => {
  const backend = await startBackend({ DATABASE_URL: databaseUrl, REQUESTS_PER_MINUTE: '60' })
  const startedAt = performance.now()
  const answers = await Promise.all(Array.from({ length: 100 }, () => backend.call('GET', '/nowhere')))
  const seconds = Math.ceil((performance.now() - startedAt) / 1_000)
  const refused = answers.filter(({ status }) => status === 429).length
  assert.ok(refused >= 70 - seconds, String(refused))
  const lines = () => backend.output().match(/GET http \/nowhere 429"/g) ?? []
  await eventually(() => lines().length >= 20)
  assert.ok(lines().length <= 20 + seconds, `${lines().length} lines of ${refused} refusals`)
})

test('a refused address cannot make changes, and health checks are not limited', async () => {
  const app = await startApp({ databaseUrl, rateLimits: { requests: { burst: 1, perSecond: 0.01 } } })
  const headers = from('203.0.113.1')
  await app.call('GET', '/api/session', { headers })
  assert.equal((await app.call('POST', '/api/session/demo', { json: { handle: 'worf' }, headers })).status, 429)
  for (let n = 0; n < 5; n++) assert.equal((await app.call('GET', '/api/health-check', { headers })).status, 200)
})

test('only a trusted proxy can name the client’s address', async () => {
  const limits = { requests: { burst: 3, perSecond: 0.01 } }
  const app = await startApp({ databaseUrl, trustedProxies: ['10.0.0.1'], rateLimits: limits })
  const statuses: number[] = []
  for (let n = 0; n < 4; n++) {
    statuses.push((await app.call('GET', '/api/session', { headers: from(`203.0.113.${n}`) })).status)
  }
  assert.deepEqual(statuses, [200, 200, 200, 429])
})

test('the limit of changes holds for a user across addresses and sessions, and reading still works', async () => {
  const app = await startApp({ databaseUrl, rateLimits: { writes: { burst: 4, perSecond: 0.01 } } })
  const [here, there, other] = [await app.actAs('worf'), await app.actAs('worf'), await app.actAs('garek')]
  const follow = async (call: typeof here, address: string) =>
    (await call('POST', '/api/users/@andrewbrown/follow', { headers: from(address) })).status
  assert.deepEqual(
    [
      await follow(here, '203.0.113.1'),
      await follow(there, '203.0.113.2'),
      await follow(here, '203.0.113.3'),
      await follow(there, '203.0.113.4'),
    ],
    [200, 200, 200, 200],
  )
  const refused = await here('POST', '/api/users/@andrewbrown/follow')
  assert.equal(refused.status, 429)
  assert.ok(Number(refused.headers.get('retry-after')) >= 1)
  assert.equal((await here('DELETE', '/api/users/@andrewbrown/follow')).status, 429)
  assert.equal((await here('GET', '/api/activities/home')).status, 200)
  assert.equal(await follow(other, '203.0.113.1'), 200)
})

test('half of a minute’s limit may come at once', () => {
  const { requests, writes } = rateLimits({ requests: 1_200, writes: 300 })
  assert.deepEqual(requests, { burst: 600, perSecond: 20 })
  assert.deepEqual(writes, { burst: 150, perSecond: 5 })
})
