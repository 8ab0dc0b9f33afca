import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Service } from '../../scripts/service.mjs'
import { cleanEnvironment } from './product.ts'

const inFlight = 12
const answerAfterMs = 700
const stopWithinMs = 5_000

test("stopping the page's server answers requests in flight and ends streams at once", async (t) => {
  let arrived = 0
  const backend = createServer((request, response) => {
    arrived++
    if (request.url === '/api/live') response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n')
    else setTimeout(() => response.end('done'), answerAfterMs)
  })
  await once(backend.listen(0, '127.0.0.1'), 'listening')
  t.after(() => {
    backend.close()
    backend.closeAllConnections()
  })
  const spare = createServer().listen(0, '127.0.0.1')
  await once(spare, 'listening')
  const { port } = spare.address() as AddressInfo
  await new Promise((resolve) => spare.close(resolve))

  const url = `http://localhost:${port}`
  let death: string | undefined
  const frontend = new Service({
    name: 'frontend',
    folder: 'frontend',
    args: ['server/main.ts'],
    url,
    stopWithinMs,
    environment: {
      ...cleanEnvironment(),
      FRONTEND_URL: url,
      BACKEND_URL: `http://localhost:${(backend.address() as AddressInfo).port}`,
      OTEL_SDK_DISABLED: 'true',
    },
    onLine: () => {},
    onDeath: (words: string) => {
      death = words
    },
  })
  frontend.start()
  await frontend.waitUntilReady()
  const stream = await fetch(`${url}/api/live`)
  const answers = Array.from({ length: inFlight }, () => fetch(`${url}/api/slow`).then((answer) => answer.text()))
  while (arrived < inFlight + 1) await delay(5)
  const began = performance.now()
  await frontend.stop()
  const tookMs = performance.now() - began
  const settled = await Promise.allSettled(answers)
  assert.deepEqual(
    settled.map((one) => (one.status === 'fulfilled' ? one.value : String(one.reason))),
    Array(inFlight).fill('done'),
  )
  assert.ok(tookMs < stopWithinMs, `it waited ${tookMs} ms, until it was killed`)
  assert.equal(death, undefined)
  await stream.text().catch(() => {})
})
