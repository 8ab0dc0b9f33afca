import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startHoneycomb } from '@cruddur/vendor-doubles'
import { decodeTraceRequest } from '@cruddur/wire/otlp'
import { ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace'
import { TraceStateList } from '../spans/trace-context.ts'
import { deadlineFor, faults, isBalanced, lostIn, patienceMs, testSignal, until } from '../testing.ts'
import { bytesOfSpan, otlpSettingsFromEnvironment, otlpSpanProcessor } from './otlp.ts'

const settingsFor = (url: string, environment: Record<string, string> = {}) => {
  const names = { OTEL_EXPORTER_OTLP_ENDPOINT: url, ...environment }
  Object.assign(process.env, names)
  try {
    return otlpSettingsFromEnvironment()
  } finally {
    for (const name of Object.keys(names)) delete process.env[name]
  }
}

const exportTo = (settings: ReturnType<typeof settingsFor>, limits = {}) => {
  const { signal, lines } = testSignal('spans')
  const processor = otlpSpanProcessor({
    signal,
    settings,
    limits: { deadlineMs: patienceMs, lingerMs: 5, ...limits },
    backoff: { firstMs: 20, longestMs: 50 },
  })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'cruddur-backend' }),
    spanProcessors: [processor],
  })
  const tracer = provider.getTracer('test')
  const make = (count: number) => {
    for (let i = 0; i < count; i++)
      tracer.startSpan(`span ${i}`, { attributes: { 'app.user_id': 'a', text: 'x'.repeat(100) } }).end()
  }
  return { signal, lines, processor, make }
}

test('sends whole spans, with the headers and the compression from the environment', async (t) => {
  const vendor = await startHoneycomb()
  t.after(vendor.stop)
  const settings = settingsFor(vendor.url, {
    OTEL_EXPORTER_OTLP_HEADERS: 'x-honeycomb-team=key',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
  })
  const { signal, processor, make } = exportTo(settings)
  make(3)
  await processor.forceFlush()
  const [request] = vendor.requests
  assert.equal(request?.path, '/v1/traces')
  assert.equal(request?.headers['x-honeycomb-team'], 'key')
  assert.equal(request?.headers['content-type'], 'application/x-protobuf')
  assert.equal(request?.headers.traceparent, undefined)
  const decoded = decodeTraceRequest(request?.body ?? Buffer.alloc(0), 'application/x-protobuf')
  assert.deepEqual(
    decoded.resourceSpans[0]?.scopeSpans[0]?.spans.map(({ name }) => name),
    ['span 0', 'span 1', 'span 2'],
  )
  assert.equal(signal.snapshot().delivered, 3)
})

test('does not send a span that is not sampled', async (t) => {
  const vendor = await startHoneycomb()
  t.after(vendor.stop)
  const { signal, processor, make } = exportTo(settingsFor(vendor.url))
  make(1)
  const provider = new TracerProvider({ spanProcessors: [] })
  const span = provider.getTracer('test').startSpan('unsampled')
  const unsampled = Object.create(span, {
    spanContext: { value: () => ({ ...span.spanContext(), traceFlags: TraceFlags.NONE }) },
  })
  processor.onEnd(unsampled)
  assert.equal(signal.snapshot().created, 1)
})

for (const [name, fault] of faults) {
  test(`with ${name}: ending a span never waits, the account balances, two sockets suffice, and delivery resumes`, async (t) => {
    const vendor = await startHoneycomb()
    t.after(vendor.stop)
    const { signal, processor, make, lines } = exportTo(settingsFor(vendor.url), {
      items: 500,
      attempts: 1_000,
      deadlineMs: deadlineFor(fault),
    })
    vendor.fault = fault

    make(2_000)
    assert.equal(signal.snapshot().created, 2_000)
    await until(() => signal.snapshot().lastError !== null)
    assert.ok(isBalanced(signal))
    assert.ok(signal.snapshot().queued <= 500)
    assert.ok(vendor.sockets.mostOpen <= 2)
    assert.equal(signal.snapshot().delivered, 0)

    vendor.fault = null
    make(1)
    await until(() => signal.snapshot().queued === 0)
    assert.ok(signal.snapshot().delivered > 0)
    assert.ok(lostIn(signal.snapshot()) > 0)
    assert.ok(isBalanced(signal))
    assert.equal(lines.length, 1)
    await processor.shutdown(100)
  })

  test(`with ${name}: shuts down within its deadline and counts every span`, async (t) => {
    const vendor = await startHoneycomb()
    t.after(vendor.stop)
    const { signal, processor, make } = exportTo(settingsFor(vendor.url))
    vendor.fault = fault
    make(600)
    await processor.shutdown(300)
    const { queued, dropped, lastError } = signal.snapshot()
    assert.equal(queued, 0)
    assert.equal(dropped.tried_too_often, undefined, 'it shuts down before it gives up')
    assert.doesNotMatch(String(lastError), /no answer within/, 'nor does it wait for an attempt')
    assert.ok(isBalanced(signal))
  })
}

for (const status of [400, 401, 500]) {
  test(`does not send the same spans again after a ${status}`, async (t) => {
    const vendor = await startHoneycomb()
    t.after(vendor.stop)
    const { signal, make } = exportTo(settingsFor(vendor.url))
    vendor.fault = { status }
    make(3)
    await until(() => signal.snapshot().queued === 0)
    assert.equal(vendor.requests.length, 1)
    assert.deepEqual(signal.snapshot().dropped, { [`http_${status}`]: 3 })
    assert.equal(signal.snapshot().lastStatus, status)
  })
}

test("counts the tracestate of a client towards a span's size", () => {
  const members = Array.from({ length: 32 }, (_, n) => `k${n}=${'x'.repeat(250)}`).join(',')
  const parent = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  }
  const spanBelow = (traceState: TraceStateList | null) =>
    new TracerProvider()
      .getTracer('test')
      .startSpan('one', {}, trace.setSpanContext(ROOT_CONTEXT, { ...parent, ...(traceState && { traceState }) }))
  const [plain, heavy] = [null, TraceStateList.parse(members)].map((state) =>
    bytesOfSpan(spanBelow(state) as unknown as ReadableSpan),
  )
  assert.ok(Number(heavy) - Number(plain) >= members.length, `${heavy} and ${plain}`)
})

for (const protocol of ['http/protobuf', 'http/json']) {
  test(`${protocol}: spans that the vendor rejects in a partial success count as dropped`, async (t) => {
    const vendor = await startHoneycomb()
    t.after(vendor.stop)
    vendor.fault = 'partial success'
    const { signal, processor, make } = exportTo(settingsFor(vendor.url, { OTEL_EXPORTER_OTLP_PROTOCOL: protocol }))
    make(3)
    await processor.forceFlush()
    const { delivered, dropped } = signal.snapshot()
    assert.deepEqual({ delivered, dropped }, { delivered: 0, dropped: { refused: 3 } })
  })
}
