import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { relayPath, sentAtHeader, visitHeader } from '@cruddur/wire/names'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { type FaultReporter, notReported } from '../vendors/faults.ts'
import { useVendors, vendors } from '../vendors.ts'
import { faults } from './fault-handler.ts'
import { type Handler, pathOf } from './incoming.ts'
import { relay } from './relay.ts'
import { requestLog } from './request-log.ts'
import { serverTiming } from './server-timing.ts'

/** A server of Node, without Express. */
const serve = async (t: TestContext, ...handlers: Handler[]) => {
  const handleFault = faults()
  const server = createServer((req, res) => {
    const next = (at: number) => (error?: unknown) => {
      if (error) return handleFault(error, req, res, () => void res.writeHead(500).end())
      const handler = handlers[at]
      if (handler) handler(req, res, next(at + 1))
      else if (pathOf(req) === '/broken') next(at)(new Error('broken'))
      else res.end('fine')
    }
    next(0)()
  }).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('times, logs and reports the requests of a server without Express', async (t) => {
  const before = vendors()
  t.after(() => useVendors(before))
  const said: string[] = []
  const reported: unknown[] = []
  const report: FaultReporter['report'] = ({ request }) => {
    reported.push(request)
    return null
  }
  const say = (message: string) => void said.push(message)
  useVendors({
    ...before,
    log: { info: say, warn: say, error: say },
    faults: { ...notReported, report },
  })
  const url = await serve(t, serverTiming(), requestLog())
  const answer = await fetch(`${url}/a?term=secret`)
  assert.equal(await answer.text(), 'fine')
  assert.match(answer.headers.get('server-timing') ?? '', /^total;dur=[\d.]+, at;desc="[\d.]+"$/)
  assert.equal((await fetch(`${url}/broken`)).status, 500)
  assert.deepEqual(
    said.map((line) => line.replace(/^\[.*\] /, '')),
    ['127.0.0.1 GET http /a?term=… 200', 'a request failed', '127.0.0.1 GET http /broken 500'],
  )
  const [{ path, protocol } = { path: '', protocol: '' }] = reported as { path: string; protocol: string }[]
  assert.deepEqual([path, protocol], ['/broken', 'http'])
})

const nanos = (ms: number) => `${BigInt(Math.round(ms)) * 1_000_000n}`
const body = () =>
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'any-name' } }] },
        scopeSpans: [
          {
            scope: { name: 'shop-web' },
            spans: [
              {
                traceId: 'a'.repeat(32),
                spanId: 'b'.repeat(16),
                name: 'click buy',
                kind: 1,
                startTimeUnixNano: nanos(Date.now() - 50),
                endTimeUnixNano: nanos(Date.now()),
              },
            ],
          },
        ],
      },
    ],
  })

test("takes spans without Express, and names the page's service after this one", async (t) => {
  const before = vendors()
  t.after(() => useVendors(before))
  useVendors({ ...before, service: 'shop-api' })
  const accepted: ReadableSpan[] = []
  const url = await serve(t, relay({ accept: (spans) => accepted.push(...spans) }))
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url + relayPath, { method: 'POST', headers, body: body() })
  assert.deepEqual([answer.status, await answer.json()], [200, {}])
  assert.deepEqual(
    accepted.map(({ name, resource }) => [name, resource.attributes['service.name']]),
    [['click buy', 'shop-api-web']],
  )
  assert.equal(await (await fetch(`${url}/elsewhere`)).text(), 'fine')
})

test('lets pages of an allowed origin send spans and read the answer, and no other page', async (t) => {
  const url = await serve(t, relay({ allowOrigins: ['https://shop.example'], accept: () => {} }))
  const preflight = (origin: string) =>
    fetch(url + relayPath, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': sentAtHeader },
    })
  const send = (origin: string) =>
    fetch(url + relayPath, {
      method: 'POST',
      headers: { origin, 'sec-fetch-site': 'cross-site', 'content-type': 'application/json' },
      body: body(),
    })
  const allowed = await preflight('https://shop.example')
  assert.equal(allowed.status, 204)
  assert.equal(allowed.headers.get('access-control-allow-origin'), 'https://shop.example')
  assert.equal(allowed.headers.get('access-control-allow-headers'), `content-type, ${sentAtHeader}, ${visitHeader}`)
  assert.equal((await send('https://shop.example')).status, 200)

  const refused = await preflight('https://evil.example')
  assert.equal(refused.status, 405)
  assert.equal(refused.headers.get('access-control-allow-origin'), null)
  assert.equal((await send('https://evil.example')).status, 403)
})
