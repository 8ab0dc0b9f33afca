import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { relayPath } from '@cruddur/wire/names'
import { type Call, createDatabase, eventually, startApp, startDatabaseProxy, withProductTimeouts } from '../testing.ts'

const connections = 10

const block = (ms: number) => {
  const until = performance.now() + ms
  while (performance.now() < until);
}

test('while many queries wait, new requests are refused at once, spans first and probes never', async () => {
  const proxy = await startDatabaseProxy(withProductTimeouts((await createDatabase()).url))
  const app = await startApp({ databaseUrl: proxy.url, overload: { waiting: 10, lagMs: Number.POSITIVE_INFINITY } })
  proxy.silence()
  const home = () => app.call('GET', '/api/activities/home')
  /** The answers to `look` while `count` queries wait. They wait a second at most, so a slow machine tries again. */
  const whileWaiting = (count: number, look: () => Promise<Awaited<ReturnType<Call>>[]>) =>
    eventually(async () => {
      const hanging = Array.from({ length: connections + count }, home)
      const answers = await look()
      await Promise.all(hanging)
      return answers[0]?.status === 503 ? answers : null
    })
  const relayed = () => app.call('POST', relayPath, { json: { resourceSpans: [] } })
  const read = () => app.call('GET', '/api/openapi.json')
  const [spans, other] = await whileWaiting(5, async () => [await relayed(), await read()])
  assert.match(String(spans?.headers.get('retry-after')), /^[2-5]$/)
  assert.equal(other?.status, 200, 'only spans are refused')

  const [refused, probe] = await whileWaiting(15, async () => [
    await read(),
    await app.call('GET', '/api/health-check'),
  ])
  assert.match(String(refused?.headers.get('retry-after')), /^[2-5]$/)
  assert.match(JSON.stringify(refused?.body), /"unavailable".*too busy/)
  assert.doesNotMatch(JSON.stringify(probe?.body), /too busy/)
  proxy.open()
  await eventually(async () => (await app.call('GET', '/api/activities/home')).status === 200)
})

test('a single pause of the process is no overload', async () => {
  const database = await createDatabase()
  const app = await startApp({ databaseUrl: database.url, overload: { waiting: Number.POSITIVE_INFINITY, lagMs: 50 } })
  // The machine may be late by itself, so it tries again.
  await eventually(async () => {
    await delay(1_200)
    block(3_000)
    return (await app.call('GET', '/api/openapi.json')).status === 200
  })
})

test('requests are refused while the event loop is late', async () => {
  const database = await createDatabase()
  const app = await startApp({ databaseUrl: database.url, overload: { waiting: Number.POSITIVE_INFINITY, lagMs: 50 } })
  const busy = setInterval(() => block(150), 1)
  await eventually(async () => (await app.call('GET', '/api/openapi.json')).status === 503)
  clearInterval(busy)
  await eventually(async () => (await app.call('GET', '/api/openapi.json')).status === 200)
})
