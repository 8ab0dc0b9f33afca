import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { before, test } from 'node:test'
import { ErrorBody } from '@cruddur/shared/errors'
import * as z from 'zod/mini'
import { contract, createDatabase, startApp, type TestApp } from '../testing.ts'

let app: TestApp
const frontend = 'http://localhost:3000'

before(async () => {
  const database = await createDatabase()
  app = await startApp({ databaseUrl: database.url, frontendUrl: frontend })
})

/** Sends raw bytes and returns the answer until the connection closes or `enough` matches. */
const raw = async (bytes: string, enough?: RegExp) => {
  const { hostname, port } = new URL(app.url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write(bytes)
  let text = ''
  for await (const chunk of socket) {
    text += chunk
    if (enough?.test(text)) break
  }
  socket.destroy()
  return text
}

test('every answer says how long the server took and when it began', async () => {
  const preflight = { origin: frontend, 'access-control-request-method': 'POST' }
  const answers = await Promise.all([
    app.call('GET', '/api/activities/home'),
    app.call('GET', '/api/nowhere'),
    app.call('GET', '/api/activities/home?limit=0'),
    app.call('POST', '/api/session', { body: '{' }),
    app.call('POST', '/api/session/demo', { json: { handle: 'worf' }, headers: { origin: 'https://evil.example' } }),
    app.call('OPTIONS', '/api/session', { headers: preflight }),
    app.call('GET', '/api/health-check'),
    app.call('GET', '/api/openapi.json'),
    app.call('GET', '/relay/v1/traces'),
    app.call('POST', '/relay/v1/traces', { body: '{}' }),
  ])
  for (const { headers, status } of answers) {
    const timing = /^total;dur=(\d+\.\d+), at;desc="(\d+\.\d)"$/.exec(headers.get('server-timing') ?? '')
    assert.ok(timing, `status ${status}`)
    assert.ok(Math.abs(Number(timing[2]) - Date.now()) < 60_000)
  }
  const text = await raw('this is not HTTP\r\n\r\n')
  assert.match(text, /^HTTP\/1\.1 400 /)
  assert.match(text, /Server-Timing: total;dur=/)
})

test('a refusal has a code, a sentence and a trace id, which is null without a trace', async () => {
  const { status, body } = await app.call('GET', '/api/nowhere')
  assert.equal(status, 404)
  const error = z.parse(ErrorBody, body)
  assert.equal(error.code, 'not_found')
  assert.equal(error.traceId, null, 'this process is not traced')
})

test('malformed requests get a 400', async () => {
  const bodies = ['{', 'null', '[]', '"worf"', '{"handle":"worf","admin":true}', '{"handle":7}']
  for (const body of bodies) {
    assert.equal((await app.call('POST', '/api/session/demo', { body })).status, 400, body)
  }
  for (const body of ['', '{}', '{"handle":""}']) {
    const { status, body: refusal } = await app.call('POST', '/api/session/demo', { body })
    assert.equal(status, 422, body)
    assert.equal(z.parse(ErrorBody, refusal).code, 'user_handle_blank')
  }
  assert.equal((await app.call('GET', '/api/nowhere/%')).status, 404)
  assert.equal((await app.call('POST', '/api/activities/%ff/like')).status, 400)
})

test('a body above 16 kB is refused before it is read, even when the client stalls', async () => {
  const text = await raw(
    `POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 16385\r\n\r\n{"handle":`,
    /payload_too_large/,
  )
  assert.match(text, /^HTTP\/1\.1 413 /)
  assert.match(text, /Connection: close/)
})

test('at most 16 kB of a body without a length are read', async () => {
  const chunk = `1000\r\n${' '.repeat(0x1000)}\r\n`
  const text = await raw(
    `POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(5)}`,
    /payload_too_large/,
  )
  assert.match(text, /^HTTP\/1\.1 413 /)
})

test('the client of a large upload can read the refusal', async () => {
  const answer = await app.call('POST', '/api/session', { body: 'x'.repeat(5_000_000) })
  assert.equal(answer.status, 413)
})

test('only the frontend may call from another origin, with the headers of a trace', async () => {
  const preflight = (origin: string) =>
    app.call('OPTIONS', '/api/session', {
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'traceparent' },
    })
  const allowed = await preflight(frontend)
  assert.equal(allowed.status, 204)
  assert.equal(allowed.headers.get('access-control-allow-origin'), frontend)
  assert.equal(allowed.headers.get('access-control-allow-credentials'), 'true')
  assert.equal(
    allowed.headers.get('access-control-allow-headers'),
    'content-type, idempotency-key, traceparent, tracestate, x-visit',
  )
  assert.equal(allowed.headers.get('access-control-allow-methods'), 'GET, POST, DELETE')
  assert.ok(Number(allowed.headers.get('access-control-max-age')) > 0)
  const stranger = await preflight('https://evil.example')
  assert.equal(stranger.headers.get('access-control-allow-origin'), null)

  const answer = await app.call('GET', '/api/activities/home', { headers: { origin: frontend } })
  assert.equal(answer.headers.get('access-control-allow-origin'), frontend)
  assert.equal(answer.headers.get('access-control-expose-headers'), 'Server-Timing')
  assert.equal(answer.headers.get('timing-allow-origin'), frontend)
  assert.match(answer.headers.get('vary') ?? '', /Origin/)
})

test('answers forbid caching, framing and sniffing, and do not name the server', async () => {
  const { headers } = await app.call('GET', '/api/activities/home')
  assert.equal(headers.get('cache-control'), 'no-store')
  assert.equal(headers.get('x-content-type-options'), 'nosniff')
  assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/)
  assert.equal(headers.get('x-powered-by'), null)
})

test('the OpenAPI document has every endpoint of the contract', async () => {
  const { body } = await app.call('GET', '/api/openapi.json')
  const document = body as { openapi: string; paths: Record<string, Record<string, { parameters: object[] }>> }
  assert.match(document.openapi, /^3\.1\./)
  const mounted = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const promised = contract.map(({ method, path }) => `${method} ${path.replace(/:([a-z_]+)/g, '{$1}')}`)
  assert.deepEqual(mounted.sort(), promised.filter((name) => name !== 'GET /rollbar/test').sort())
  assert.deepEqual(Object.keys(document.paths['/api/activities/{uuid}/like'] ?? {}), ['post', 'delete'])
  const [, after, limit] = document.paths['/api/activities/home']?.get?.parameters ?? []
  assert.deepEqual(after, {
    name: 'after',
    in: 'query',
    required: false,
    schema: { type: 'string', maxLength: 300, pattern: '^[\\w-]+$' },
  })
  assert.deepEqual(limit, {
    name: 'limit',
    in: 'query',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 50, default: 20 },
  })
})
