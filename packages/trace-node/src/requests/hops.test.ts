import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { hopsPath } from '@cruddur/wire/names'
import { ROOT_CONTEXT, SpanKind, TraceFlags, trace } from '@opentelemetry/api'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { AlwaysOnSampler, type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace'
import express from 'express'
import { noTraces, useVendors, vendors } from '../vendors.ts'
import { hops } from './hops.ts'

const parent = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
}

test("accepts spans from the page's own server, and from no other client", async (t) => {
  const accepted: ReadableSpan[] = []
  const server = { ...noTraces.server, onEnd: (span: ReadableSpan) => void accepted.push(span) }
  useVendors({ ...vendors(), traces: { ...noTraces, server } })
  let isBelieved = true
  const app = express().use(hops({ isPageServer: () => isBelieved, service: 'cruddur-frontend-server' }))
  const listening = app.listen(0, '127.0.0.1')
  t.after(() => listening.close())
  await once(listening, 'listening')
  const url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}${hopsPath}`

  const ended: ReadableSpan[] = []
  const tracer = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'anything', 'service.version': '1' }),
    sampler: new AlwaysOnSampler(),
    spanProcessors: [
      {
        onStart: () => {},
        onEnd: (span) => void ended.push(span),
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
  }).getTracer('x')
  tracer.startSpan('GET /api/*', { kind: SpanKind.SERVER }, trace.setSpanContext(ROOT_CONTEXT, parent)).end()
  const post = async (body: Uint8Array | undefined) =>
    (await fetch(url, { method: 'POST', body: Buffer.from(body ?? []) })).status

  assert.equal(await post(ProtobufTraceSerializer.serializeRequest(ended)), 200)
  const [span] = accepted
  assert.equal(accepted.length, 1)
  assert.equal(span?.spanContext().spanId, ended[0]?.spanContext().spanId)
  assert.equal(span?.parentSpanContext?.spanId, parent.spanId)
  assert.equal(span?.kind, SpanKind.SERVER)
  assert.deepEqual(span?.startTime, ended[0]?.startTime)
  assert.equal(span?.resource.attributes['service.name'], 'cruddur-frontend-server')
  assert.equal(span?.resource.attributes['service.version'], '1')

  assert.equal(await post(JsonTraceSerializer.serializeRequest(ended)), 400)
  isBelieved = false
  assert.equal(await post(ProtobufTraceSerializer.serializeRequest(ended)), 404)
  assert.equal(accepted.length, 1)
})
