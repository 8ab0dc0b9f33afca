import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, test } from 'node:test'
import * as activities from '@cruddur/shared/activities'
import { type Endpoint, pathParameters } from '@cruddur/shared/endpoint'
import { ErrorBody } from '@cruddur/shared/errors'
import * as health from '@cruddur/shared/health'
import * as session from '@cruddur/shared/session'
import * as users from '@cruddur/shared/users'
import express from 'express'
import * as z from 'zod/mini'
import { type Call, contract, createDatabase, startApp, type TestApp } from '../testing.ts'
import { serverFor } from './server.ts'

const named = ({ method, path }: Endpoint) => `${method} ${path}`
const forEverybody = new Set(
  [
    ...[activities.homeFeed, activities.userActivities, activities.showActivity, activities.searchActivities],
    ...[activities.readTrends, users.userShort, users.suggestedUsers],
    ...[session.readSession, session.signUp, session.signIn, session.actAs, session.signOut],
    ...[health.healthCheck, health.traceLink, health.rollbarTest],
  ].map(named),
)

let app: TestApp
let worf: Call

before(async () => {
  const database = await createDatabase()
  app = await startApp({ databaseUrl: database.url })
  worf = await app.actAs('worf')
  const [activity] = await database.query<{ uuid: string }>(
    "SELECT a.uuid FROM activities a JOIN users u ON u.uuid = a.user_uuid WHERE u.handle = 'garek'",
  )
  samples.uuid = activity?.uuid
  const sent = await worf('POST', '/api/messages', { json: { message: 'Qapla!', handle: 'garek' } })
  samples.message_group_uuid = (sent.body as { message_group_uuid: string }).message_group_uuid
  assert.ok(samples.uuid && samples.message_group_uuid)
})

/** A valid value for each field name. */
const samples: Record<string, unknown> = {
  uuid: undefined,
  message_group_uuid: undefined,
  handle: 'garek',
  message: 'a message',
  ttl: '1-day',
  term: 'tailor',
  until: '2026-01-01T00:00:00Z',
  display_name: 'Somebody',
  bio: 'a bio',
  email: 'somebody@example.com',
  password: 'a good day to die',
  current_password: 'a bad day to die',
  feed: 'everyone',
  limit: 2,
  ready: '',
}
const fieldsOf = ({ input }: Endpoint) => Object.keys(z.toJSONSchema(input, { io: 'input' }).properties ?? {})
const sampleFor = (endpoint: Endpoint): Record<string, unknown> =>
  Object.fromEntries(fieldsOf(endpoint).flatMap((name) => (name in samples ? [[name, samples[name]]] : [])))

/** A lone surrogate has no encoding. These would be its bytes. */
const inAddress = (value: unknown) =>
  String(value)
    .split(/([\ud800-\udfff])(?![\udc00-\udfff])/u)
    .map((part) => (/^[\ud800-\udfff]$/.test(part) ? '%ED%A0%80' : encodeURIComponent(part)))
    .join('')

const send = (call: Call, endpoint: Endpoint, given: Record<string, unknown>, headers: Record<string, string> = {}) => {
  const inPath = pathParameters(endpoint.path)
  const path = endpoint.path.replace(/:([a-z_]+)/g, (_, name: string) => inAddress(given[name]))
  const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !inPath.includes(name)))
  if (endpoint.method === 'POST') return call('POST', path, { json: rest, headers })
  const query = Object.entries(rest).map(([name, value]) => `${name}=${inAddress(value)}`)
  return call(endpoint.method, query.length > 0 ? `${path}?${query.join('&')}` : path, { headers })
}

test('every endpoint refuses fields that it does not name', () => {
  assert.ok(contract.length > 30)
  for (const endpoint of contract) {
    const result = z.safeParse(endpoint.input, { ...sampleFor(endpoint), is_admin: true })
    assert.equal(result.success, false, named(endpoint))
    const unknown = result.error?.issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : []))
    assert.deepEqual(unknown, ['is_admin'], named(endpoint))
  }
})

test('unknown fields are refused one by one, and nothing changes', async () => {
  for (const endpoint of contract) {
    if (endpoint === health.rollbarTest) continue
    for (const name of ['is_admin', 'user_uuid', 'likes_count', 'created_at', 'constructor']) {
      const { status, body } = await send(worf, endpoint, { ...sampleFor(endpoint), [name]: 'x' })
      assert.equal(status, 400, `${named(endpoint)} with ${name}`)
      assert.deepEqual(Object.keys(z.parse(ErrorBody, body).fields ?? {}), [name], named(endpoint))
    }
  }
})

test('every endpoint that needs a user answers 401 without a session', async () => {
  for (const endpoint of contract) {
    if (forEverybody.has(named(endpoint))) continue
    const { status, body } = await send(app.call, endpoint, sampleFor(endpoint))
    assert.equal(status, 401, named(endpoint))
    assert.equal(z.parse(ErrorBody, body).code, 'unauthenticated')
    const forged = await send(app.call, endpoint, sampleFor(endpoint), { cookie: 'cruddur_session=forged' })
    assert.equal(forged.status, 401, named(endpoint))
  }
})

test('no endpoint accepts a change from another site', async () => {
  for (const endpoint of contract) {
    if (endpoint.method === 'GET') continue
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: 'http://other.localhost:3000' },
    ] as Record<string, string>[]) {
      const { status } = await send(worf, endpoint, sampleFor(endpoint), headers)
      assert.equal(status, 403, `${named(endpoint)} from ${JSON.stringify(headers)}`)
    }
  }
})

test('no endpoint accepts a change from a form', async () => {
  for (const endpoint of contract) {
    if (endpoint.method !== 'POST') continue
    const path = endpoint.path.replace(/:([a-z_]+)/g, (_, name: string) => String(samples[name]))
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x']) {
      const { status } = await worf('POST', path, { body: '{"handle":"worf"}', headers: { 'content-type': type } })
      assert.equal(status, 415, `${named(endpoint)} as ${type}`)
    }
  }
})

const hostile: unknown[] = [
  ...['\0', 'a\0b', '\ud800', 'x\udfff y', '\u202e\u0007', '', ' ', "'; DROP TABLE users; --", '%'],
  ...['x'.repeat(5_000), '\u{1f52d}'.repeat(300), '../../etc/passwd', '9'.repeat(400), '-1', 'NaN', 'Infinity'],
  ...['__proto__', 'constructor', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999999999Z'],
]
const hostileJson: unknown[] = [null, true, -1, 1e308, [], ['x'], {}, { toString: 'x' }]

test('no text, number or shape of input causes a fault', async () => {
  for (const endpoint of contract) {
    if (endpoint === health.rollbarTest) continue
    const ofPath = pathParameters(endpoint.path)
    for (const field of fieldsOf(endpoint)) {
      const isJson = endpoint.method === 'POST' && !ofPath.includes(field)
      const values = isJson ? [...hostile, ...hostileJson] : hostile
      const answers = await Promise.all(
        values.map((value, nth) => {
          const fresh = endpoint === session.signUp ? { handle: `${field}_${nth}` } : {}
          return send(worf, endpoint, { ...sampleFor(endpoint), ...fresh, [field]: value })
        }),
      )
      for (const [nth, { status, body }] of answers.entries()) {
        const what = `${named(endpoint)} with ${field} ${JSON.stringify(values[nth])?.slice(0, 40)}`
        assert.ok(status < 500, `${what}: ${status}`)
        if (status >= 400 && status !== 404) z.parse(ErrorBody, body)
      }
    }
  }
  worf = await app.actAs('worf')
})

test('no header and no cookie causes a fault', async () => {
  const headers: Record<string, string>[] = [
    { cookie: 'cruddur_session=' },
    { cookie: `cruddur_session=${'x'.repeat(8_000)}` },
    { cookie: 'cruddur_session=%00; cruddur_session="; =;;' },
    { 'idempotency-key': '' },
    { 'idempotency-key': 'x'.repeat(65) },
    { 'idempotency-key': 'né' },
    { 'user-agent': '\u00ff'.repeat(1_000) },
    { 'x-forwarded-for': "not an address, '; --" },
    { 'x-forwarded-for': '::ffff:1.2.3.4%eth0, [::1]:80' },
    { 'x-forwarded-proto': 'gopher', 'x-forwarded-host': '\u00ff' },
    { 'accept-language': '*;q=NaN', range: 'bytes=9-1', 'if-none-match': '*' },
    { traceparent: '00-zz-zz-zz', tracestate: ','.repeat(2_000), baggage: 'a=b,'.repeat(1_000) },
  ]
  for (const given of headers) {
    for (const endpoint of [activities.homeFeed, activities.createActivity, session.actAs, session.listSessions]) {
      const { status } = await send(worf, endpoint, { ...sampleFor(endpoint), handle: 'worf' }, given)
      assert.ok(status < 500, `${named(endpoint)} with ${JSON.stringify(given).slice(0, 60)}: ${status}`)
    }
  }
})

test('no JSON causes a fault, even when it is deep or odd', async () => {
  const bodies = [
    `${'['.repeat(8_000)}${']'.repeat(8_000)}`,
    `{"handle":${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}}`,
    '{"handle":"worf","handle":"garek"}',
    '{"__proto__":{"admin":true},"constructor":{"prototype":{}}}',
    '\ufeff{"handle":"worf"}',
    '{"handle":"\\ud800"}',
    Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]).toString('latin1'),
    '{"handle":1e999}',
  ]
  for (const body of bodies) {
    for (const path of ['/api/session/demo', '/api/signup', '/api/activities']) {
      const { status } = await worf('POST', path, { body })
      assert.ok(status < 500, `${path} ${body.slice(0, 40)}: ${status}`)
    }
  }
  assert.equal(({} as { admin?: boolean }).admin, undefined)
})

test('every answer, even a refusal, has the security headers', async () => {
  const answers = await Promise.all([
    app.call('GET', '/api/session'),
    app.call('GET', '/api/nowhere'),
    app.call('GET', '/api/activities/home?limit=0'),
    app.call('POST', '/api/activities', { json: { message: 'x', ttl: '1-day' } }),
    app.call('POST', '/api/session', { body: '{' }),
    app.call('POST', '/api/session', { json: {}, headers: { origin: 'https://evil.example' } }),
    app.call('POST', '/api/session', { body: 'x', headers: { 'content-type': 'text/plain' } }),
    app.call('POST', '/api/session', { body: 'x'.repeat(20_000) }),
    app.call('GET', '/rollbar/test'),
    app.call('GET', '/api/openapi.json'),
  ])
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 404, 400, 401, 400, 403, 415, 413, 500, 200],
  )
  for (const { status, headers } of answers) {
    const policy = headers.get('content-security-policy') ?? ''
    assert.match(policy, /^default-src 'none'.*frame-ancestors 'none'/, String(status))
    assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval|\*/)
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.equal(headers.get('referrer-policy'), 'no-referrer')
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.equal(headers.get('x-powered-by'), null)
    assert.match(headers.get('content-type') ?? '', /^application\/json/)
  }
})

test('slow connections, headers and requests are cut off', () => {
  const server = serverFor(express())
  assert.equal(server.headersTimeout, 10_000)
  assert.equal(server.requestTimeout, 15_000)
  assert.equal(server.maxConnections, 1_000)
  server.close()
})

test('headers above 16 kB are refused', async () => {
  const { status } = await app.call('GET', '/api/session', { headers: { cookie: 'x'.repeat(17_000) } })
  assert.equal(status, 431)
})

test('every installed @opentelemetry/core limits the size of trace headers', () => {
  const lock = JSON.parse(readFileSync(`${import.meta.dirname}/../../../package-lock.json`, 'utf8')) as {
    packages: Record<string, { version: string }>
  }
  const versions = Object.entries(lock.packages).flatMap(([path, { version }]) =>
    path.endsWith('node_modules/@opentelemetry/core') ? [version] : [],
  )
  assert.ok(versions.length > 0)
  for (const version of versions) {
    const [major = 0, minor = 0] = version.split('.').map(Number)
    assert.ok(major > 2 || (major === 2 && minor >= 8), version)
  }
})
