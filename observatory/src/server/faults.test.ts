import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { otlpRequest, otlpSpan } from '../testing/otlp.ts'
import { startObservatory, until } from '../testing/start.ts'
import type { Vendor } from '../trace/vendor.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const signed = 'AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c'

type Call = { path: string; headers: Record<string, string>; body: string }
const calls: Record<Vendor, Call> = {
  honeycomb: {
    path: '/v1/traces',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(otlpRequest([otlpSpan()])),
  },
  rollbar: {
    path: '/api/1/item/',
    headers: { 'x-rollbar-access-token': 't' },
    body: JSON.stringify({
      data: { environment: 'test', custom: { trace_id: traceId }, body: { message: { body: 'words' } } },
    }),
  },
  cloudwatch: {
    path: '/',
    headers: { 'x-amz-target': 'Logs_20140328.CreateLogGroup', authorization: signed },
    body: '{"logGroupName":"cruddur"}',
  },
  xray: { path: '/GetSamplingRules', headers: {}, body: '{}' },
}
const vendors = Object.keys(calls) as Vendor[]

const start = async (t: Parameters<typeof startObservatory>[0]) => {
  const observatory = await startObservatory(t)
  const send = (vendor: Vendor, signal: AbortSignal | null = null) => {
    const { path, headers, body } = calls[vendor]
    const base = vendor === 'xray' ? `http://127.0.0.1:${observatory.xrayPort}` : observatory.url
    return fetch(base + path, { method: 'POST', headers, body, signal })
  }
  return { ...observatory, send }
}

for (const vendor of vendors) {
  test(`${vendor}, healthy again, answers as before`, async (t) => {
    const { send, break: become } = await start(t)
    await become({ [vendor]: '500' })
    assert.equal((await send(vendor)).status, 500)
    await become({ [vendor]: 'healthy' })
    assert.equal((await send(vendor)).status, 200)
  })

  test(`${vendor} refuses: the connection is reset`, async (t) => {
    const { send, break: become } = await start(t)
    await become({ [vendor]: 'refuse' })
    await assert.rejects(send(vendor), (error: Error) => /ECONNRESET|other side closed/.test(String(error.cause)))
  })

  test(`${vendor} hangs: the request is read, and no answer comes`, async (t) => {
    const { send, list, break: become } = await start(t)
    await become({ [vendor]: 'hang' })
    const client = new AbortController()
    const failed = assert.rejects(send(vendor, client.signal), { name: 'AbortError' })
    await until(async () => (await list()).status.turnedAway[vendor] === 1)
    await delay(300)
    client.abort()
    await failed
  })

  test(`${vendor} drips: one byte a second`, async (t) => {
    const { url, xrayPort, break: become } = await start(t)
    await become({ [vendor]: 'drip' })
    const { path, headers, body } = calls[vendor]
    const socket = connect(vendor === 'xray' ? xrayPort : Number(new URL(url).port), '127.0.0.1')
    const head = { host: 'localhost', 'content-length': String(Buffer.byteLength(body)), ...headers }
    const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
    for (const letter of ['H', 'T']) assert.equal(String((await once(socket, 'data'))[0]), letter)
    socket.destroy()
  })
}

const words: [Vendor, '401' | '429' | '500', number, RegExp][] = [
  ['honeycomb', '401', 401, /^\{"code":16,"message":"missing 'x-honeycomb-team' header"\}$/],
  ['honeycomb', '429', 429, /problems\/rate-limited/],
  ['honeycomb', '500', 500, /^\{"code":13,/],
  ['rollbar', '401', 401, /^\{"err":1,"message":"invalid access token"\}$/],
  ['rollbar', '429', 429, /^\{"err":1,/],
  ['rollbar', '500', 500, /^\{"err":1,/],
  ['cloudwatch', '401', 400, /"__type":"UnrecognizedClientException"/],
  ['cloudwatch', '429', 400, /"__type":"ThrottlingException"/],
  ['cloudwatch', '500', 500, /"__type":"InternalFailure"/],
  ['xray', '401', 403, /"__type":"UnrecognizedClientException"/],
  ['xray', '429', 429, /"__type":"ThrottledException"/],
  ['xray', '500', 500, /"__type":"InternalFailure"/],
]

for (const [vendor, mode, status, body] of words) {
  test(`${vendor} answers ${mode} in its own words, and stores nothing`, async (t) => {
    const { send, list, break: become } = await start(t)
    await become({ [vendor]: mode })
    const sentAt = Date.now()
    const answer = await send(vendor)
    assert.equal(answer.status, status)
    assert.match(await answer.text(), body)
    const after = answer.headers.get('retry-after')
    assert.equal(after !== null, mode === '429')
    if (after !== null) assert.ok(Number(after) > 0 || Date.parse(after) > sentAt - 1000)
    const { traces, status: window } = await list()
    assert.deepEqual(traces, [])
    assert.equal(window.turnedAway[vendor], 1)
  })
}

test('Honeycomb tells an unknown key from a missing one, in the content type of the request', async (t) => {
  const { url, break: become } = await start(t)
  await become({ honeycomb: '401' })
  const headers = { 'content-type': 'application/x-protobuf', 'x-honeycomb-team': 'wrong' }
  const answer = await fetch(`${url}/v1/traces`, { method: 'POST', headers, body: 'x' })
  assert.equal(answer.headers.get('content-type'), 'application/x-protobuf')
  assert.match(await answer.text(), /unknown API key/)
})

test('the 429 of Rollbar says in its own headers when to retry, and pages can read them', async (t) => {
  const { send, url, break: become } = await start(t)
  await become({ rollbar: '429' })
  const { headers } = await send('rollbar')
  assert.equal(headers.get('x-rate-limit-remaining'), '0')
  assert.ok(Number(headers.get('x-rate-limit-remaining-seconds')) > 0)
  assert.equal(headers.get('access-control-allow-origin'), '*')
  assert.match(headers.get('access-control-expose-headers') ?? '', /X-Rate-Limit-Remaining-Seconds/)
  assert.equal((await fetch(`${url}/api/1/item/`, { method: 'OPTIONS' })).status, 204)
})

for (const mode of ['refuse', 'hang', 'drip', '401', '429', '500']) {
  test(`datagrams are lost while X-Ray has the fault ${mode}, and only then`, async (t) => {
    const { datagram, list, break: become } = await start(t)
    const segment = (name: string) =>
      `{"format":"json","version":1}\n${JSON.stringify({ name, id: '00f067aa0ba902b7', trace_id: `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`, start_time: 1, end_time: 2 })}`
    await become({ xray: mode as never })
    await datagram(segment('lost'))
    await until(async () => (await list()).status.turnedAway.xray === 1)
    await become({ xray: 'healthy' })
    await datagram(segment('taken'))
    const { traces } = await until(async () => (await list()).matching > 0 && (await list()))
    assert.deepEqual(
      traces.map(({ rootName, segmentCount }) => [rootName, segmentCount]),
      [['taken', 1]],
    )
  })
}

test('while all four hang, the observatory’s own API still works and shows the faults', async (t) => {
  const { url, send, list, break: become } = await start(t)
  const all = { honeycomb: 'hang', xray: 'hang', rollbar: 'hang', cloudwatch: 'hang' } as const
  assert.deepEqual(await become(all), all)
  const client = new AbortController()
  const hanging = vendors.map((vendor) => send(vendor, client.signal).catch(() => null))
  assert.equal((await fetch(`${url}/`)).status, 200)
  assert.equal((await list()).matching, 0)
  assert.deepEqual(await (await fetch(`${url}/api/faults`)).json(), all)
  client.abort()
  assert.deepEqual(await Promise.all(hanging), [null, null, null, null])
})

const nonsense: [string, RegExp][] = [
  ['{"rollbar":"slow"}', /rollbar can be healthy, refuse/],
  ['{"datadog":"500"}', /datadog is not one of honeycomb, xray/],
  ['[]', /an object is expected/],
  ['words', /a small JSON object/],
]
for (const [body, why] of nonsense) {
  test(`the faults ${body} change nothing`, async (t) => {
    const { url } = await start(t)
    const answer = await fetch(`${url}/api/faults`, { method: 'PUT', body })
    assert.equal(answer.status, 400)
    assert.match(((await answer.json()) as { message: string }).message, why)
    const modes = (await (await fetch(`${url}/api/faults`)).json()) as object
    assert.deepEqual(new Set(Object.values(modes)), new Set(['healthy']))
  })
}
