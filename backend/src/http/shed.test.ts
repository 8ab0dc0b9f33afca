import assert from 'node:assert/strict'
import { test } from 'node:test'
import { relayPath } from '@cruddur/wire/names'
import { createDatabase, eventually, startApp, startDatabaseDoor } from '../testing.ts'
import { overloadLimits } from './shed.ts'

const connections = 10

test('while many queries wait, new requests are refused at once, spans first and probes never', async () => {
  const door = await startDatabaseDoor((await createDatabase()).url)
  const app = await startApp({ databaseUrl: door.url, overload: { ...overloadLimits, waiting: 10 } })
  door.silence()
  const hanging = Array.from({ length: connections + 5 }, () => app.call('GET', '/api/activities/home'))
  const spans = await eventually(async () => {
    const answer = await app.call('POST', relayPath, { json: { resourceSpans: [] } })
    return answer.status === 503 ? answer : null
  })
  assert.match(String(spans.headers.get('retry-after')), /^[2-5]$/)
  assert.notEqual((await app.call('GET', '/api/openapi.json')).status, 503, 'only spans are refused')

  for (let n = 0; n < 10; n++) hanging.push(app.call('GET', '/api/activities/home'))
  const began = performance.now()
  const refused = await eventually(async () => {
    const answer = await app.call('GET', '/api/openapi.json')
    return answer.status === 503 ? answer : null
  })
  assert.ok(performance.now() - began < 500, 'the refusal does not wait for a connection')
  assert.match(String(refused.headers.get('retry-after')), /^[2-5]$/)
  assert.match(JSON.stringify(refused.body), /"unavailable".*too busy/)
  assert.doesNotMatch(JSON.stringify((await app.call('GET', '/api/health-check')).body), /too busy/)
  door.open()
  await Promise.all(hanging)
  await eventually(async () => (await app.call('GET', '/api/activities/home')).status === 200)
})

test('requests are refused while the event loop is late', async () => {
  const database = await createDatabase()
  const app = await startApp({ databaseUrl: database.url, overload: { ...overloadLimits, lagMs: 50 } })
  const busy = setInterval(() => {
    const until = performance.now() + 150
    while (performance.now() < until);
  }, 1)
  await eventually(async () => (await app.call('GET', '/api/openapi.json')).status === 503)
  clearInterval(busy)
  await eventually(async () => (await app.call('GET', '/api/openapi.json')).status === 200)
})
