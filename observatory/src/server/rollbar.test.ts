import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startObservatory } from '../testing/start.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const item = (fields: object = {}) => ({
  data: { environment: 'test', body: { message: { body: 'words' } }, custom: { trace_id: traceId }, ...fields },
})
const trace = (fields: object = {}) => ({ frames: [{ filename: 'a.ts' }], exception: { class: 'Error' }, ...fields })
const token = { 'x-rollbar-access-token': 'a-token' }

const post = (url: string, body: unknown, headers: Record<string, string> = token) =>
  fetch(`${url}/api/1/item/`, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) })

test('an item is accepted, answered with its uuid and found in its trace', async (t) => {
  const { url, trace: read } = await startObservatory(t)
  const answer = await post(url, item({ uuid: 'a'.repeat(32), level: 'warning', person: { id: 7 } }))
  assert.equal(answer.status, 200)
  assert.deepEqual(await answer.json(), { err: 0, result: { id: null, uuid: 'a'.repeat(32) } })
  const [found] = (await read(traceId))?.items ?? []
  assert.deepEqual(
    [found?.uuid, found?.level, found?.person, found?.message],
    ['a'.repeat(32), 'warning', '7', 'words'],
  )
})

test('the token may be in the body, and an item without a uuid gets one', async (t) => {
  const { url } = await startObservatory(t)
  const answer = await post(url, { ...item(), access_token: 'a-token' }, {})
  assert.match(((await answer.json()) as { result: { uuid: string } }).result.uuid, /^[0-9a-f]{32}$/)
})

const refusals: [string, unknown, Record<string, string>, number, RegExp][] = [
  ['no token', item(), {}, 401, /no access token/],
  ['the token of an SDK without a token', item(), { 'x-rollbar-access-token': 'undefined' }, 403, /“undefined”/],
  ['a body that is not JSON', 'words', token, 400, /not a JSON object/],
  ['more than 512 KiB', item({ note: 'x'.repeat(530_000) }), token, 413, /512 KiB/],
  ...(
    [
      ['no data', {}, /: data: .*received undefined/],
      ['no environment', item({ environment: undefined }), /data.environment: .*received undefined/],
      ['a long environment', item({ environment: 'x'.repeat(256) }), /data.environment: .*<=255 characters/],
      ['no body', item({ body: undefined }), /data.body: .*received undefined/],
      ['an empty body', item({ body: {} }), /exactly one of/],
      ['two bodies', item({ body: { message: { body: 'x' }, trace: trace() } }), /exactly one of/],
      ['a message without words', item({ body: { message: {} } }), /message.body: .*received undefined/],
      [
        'a trace without frames',
        item({ body: { trace: trace({ frames: undefined }) } }),
        /trace.frames: .*received undefined/,
      ],
      [
        'a frame without a file',
        item({ body: { trace: trace({ frames: [{}] }) } }),
        /frames.0.filename: .*received undefined/,
      ],
      [
        'a trace without a class',
        item({ body: { trace: trace({ exception: {} }) } }),
        /exception.class: .*received undefined/,
      ],
      ['an empty chain', item({ body: { trace_chain: [] } }), /trace_chain: .*>=1 items/],
      ['a chain of nothing', item({ body: { trace_chain: [trace(), null] } }), /trace_chain.1: .*received null/],
      ['an unknown level', item({ level: 'fatal' }), /data.level/],
      ['a uuid that is not one', item({ uuid: 'x'.repeat(37) }), /data.uuid/],
      ['a long title', item({ title: 'x'.repeat(256) }), /data.title/],
      ['a time in text', item({ timestamp: 'now' }), /data.timestamp/],
    ] as [string, unknown, RegExp][]
  ).map(
    ([what, body, why]) => [what, body, token, 422, why] as [string, unknown, Record<string, string>, number, RegExp],
  ),
]

for (const [what, body, headers, status, why] of refusals) {
  test(`an item with ${what} is refused with ${status}, and shown`, async (t) => {
    const { url, list } = await startObservatory(t)
    const answer = await post(url, body, headers)
    assert.equal(answer.status, status)
    assert.equal(answer.headers.get('access-control-allow-origin'), '*')
    const { err, message } = (await answer.json()) as { err: number; message: string }
    assert.equal(err, 1)
    assert.match(message, why)
    const { status: window } = await list()
    assert.equal(window.window.items, 0)
    assert.match(window.refusals[0]?.reason ?? '', why)
  })
}

test('a page of another origin may post items and use nothing else of the observatory', async (t) => {
  const { url } = await startObservatory(t)
  const origin = 'http://localhost:3000'
  const asked = await fetch(`${url}/api/1/item/`, { method: 'OPTIONS', headers: { origin } })
  assert.equal(asked.status, 204)
  assert.equal(asked.headers.get('access-control-allow-origin'), '*')
  assert.match(asked.headers.get('access-control-allow-headers') ?? '', /Content-Type, X-Rollbar-Access-Token/)
  const { headers } = await post(url, item(), { ...token, origin })
  assert.equal(headers.get('access-control-allow-origin'), '*')
  const readable = headers.get('access-control-expose-headers')?.split(', ') ?? []
  for (const name of ['Enabled', 'RateLimit-Remaining', 'RateLimit-Reset'])
    assert.ok(readable.includes(`Rollbar-Replay-${name}`), `a page may not read Rollbar-Replay-${name}`)
  for (const [method, path] of [
    ['GET', '/api/traces'],
    ['OPTIONS', '/api/traces'],
    ['OPTIONS', '/api/faults'],
    ['OPTIONS', '/'],
  ] as const) {
    const answer = await fetch(url + path, { method, headers: { origin } })
    assert.equal(answer.headers.get('access-control-allow-origin'), null, `${method} ${path}`)
  }
})

test('source maps and replays are accepted and thrown away', async (t) => {
  const { url, list } = await startObservatory(t)
  const form = new FormData()
  form.set('version', '1')
  form.set('source_map', new Blob(['{}']), 'a.map')
  assert.equal((await fetch(`${url}/api/1/sourcemap`, { method: 'POST', body: form })).status, 200)
  assert.equal((await fetch(`${url}/api/1/session/`, { method: 'POST', body: '{}' })).status, 200)
  assert.equal((await list()).status.refused.requests, 0)
})
