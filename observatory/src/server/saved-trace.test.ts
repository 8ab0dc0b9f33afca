import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { otlpRequest, otlpSpan } from '../testing/otlp.ts'
import { startObservatory, until } from '../testing/start.ts'
import { toXrayTraceId } from '../trace/segment.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'
const json = { 'content-type': 'application/json' }

const start = async (t: TestContext) => {
  const observatory = await startObservatory(t)
  const post = (path: string, body: unknown, headers: Record<string, string> = json) =>
    fetch(observatory.url + path, {
      method: 'POST',
      headers,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  const open = async (file: unknown, headers = json) => {
    const answer = await post('/api/traces', file, headers)
    return [answer.status, (await answer.json()) as { traceIds?: string[]; message?: string }] as const
  }
  return { ...observatory, post, open }
}

test('a saved trace opens in another observatory as it was, with all four signals', async (t) => {
  const { url, post, datagram, trace } = await start(t)
  const link = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }
  const event = { timeUnixNano: '1795214400130000000', name: 'exception' }
  await post('/v1/traces', otlpRequest([otlpSpan({ links: [link], events: [event], status: { code: 2 } })]))
  const custom = { trace_id: traceId, span_id: spanId }
  const item = { data: { environment: 'test', body: { message: { body: 'words' } }, custom } }
  await post('/api/1/item/', item, { ...json, 'x-rollbar-access-token': 'a-token' })
  const logRecords = [
    { timeUnixNano: '1795214400130000000', severityNumber: 9, body: { stringValue: 'a line' }, traceId },
  ]
  await post('/v1/logs', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
  const child = { id: 'c'.repeat(16), name: 'inner', start_time: 1_795_214_400.1, end_time: 1_795_214_400.2 }
  const segment = { ...child, id: spanId, name: 'outer', trace_id: toXrayTraceId(traceId), subsegments: [child] }
  await datagram(`{"format":"json","version":1}\n${JSON.stringify(segment)}`)
  await until(async () => (await trace(traceId))?.segments.length === 1)
  const file = await (await fetch(`${url}/api/traces/${traceId}`)).text()

  const other = await start(t)
  assert.deepEqual(await other.open(file), [201, { traceIds: [traceId] }])
  const [saved, opened] = [JSON.parse(file), await other.trace(traceId)]
  assert.ok(opened)
  for (const signal of ['spans', 'segments', 'items', 'logs'] as const) {
    assert.equal(opened[signal].length, 1, signal)
    assert.deepEqual(opened[signal], saved[signal], signal)
  }
  assert.deepEqual(opened.findings, saved.findings)
})

test('a file in OTLP JSON opens, too', async (t) => {
  const { open, trace } = await start(t)
  assert.deepEqual(await open(otlpRequest([otlpSpan()])), [201, { traceIds: [traceId] }])
  assert.equal((await trace(traceId))?.spans[0]?.name, 'GET /api/activities/home')
})

test('a file that is no trace is refused whole, with the reason', async (t) => {
  const { url, open, post, list } = await start(t)
  await post('/v1/traces', otlpRequest([otlpSpan()]))
  const saved = (await (await fetch(`${url}/api/traces/${traceId}`)).json()) as { spans: object[] }
  await fetch(`${url}/api/traces`, { method: 'DELETE' })
  const segments = [{ name: 'a<b', id: spanId, trace_id: toXrayTraceId(traceId), start_time: 1, end_time: 2 }]
  const files: [unknown, RegExp][] = [
    ['{', /not JSON/],
    [[], /not a saved trace/],
    [{ ...saved, spans: [...saved.spans, { ...saved.spans[0], spanId: '../x' }] }, /spans\.1\.spanId/],
    [{ ...saved, logs: [{}] }, /logs\.0/],
    [{ ...saved, segments }, /character "<"/],
    [otlpRequest([otlpSpan(), otlpSpan({ spanId: 'b7ad' })]), /span id/],
    [{ resourceSpans: 7 }, /not OTLP/],
  ]
  for (const [file, reason] of files) {
    const [status, { message }] = await open(file)
    assert.equal(status, 400, JSON.stringify(file))
    assert.match(message ?? '', reason)
  }
  assert.equal((await open(saved, { 'content-type': 'text/plain' }))[0], 415)
  assert.equal((await open('x'.repeat(33 * 1024 * 1024)))[0], 413)
  assert.deepEqual((await list()).traces, [])
})
