import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { SpanStatusCode, trace } from '@opentelemetry/api'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import { createProvider } from './lean-sdk.ts'
import { traceImport } from './trace-import.ts'

const spans = new InMemorySpanExporter()
const spanProcessors = [new SimpleSpanProcessor({ exporter: spans })]
trace.setGlobalTracerProvider(createProvider({ spanProcessors }))
beforeEach(() => spans.reset())

test('the span of an import lasts until the code has come', async () => {
  const { promise, resolve } = Promise.withResolvers<{ page: number }>()
  const code = traceImport('pages.js', () => promise)
  assert.equal(spans.getFinishedSpans().length, 0)
  resolve({ page: 1 })
  assert.deepEqual(await code, { page: 1 })
  const [{ name, attributes, status } = assert.fail()] = spans.getFinishedSpans()
  assert.deepEqual(
    [name, attributes, status.code],
    ['import pages.js', { 'app.resource_file': 'pages.js' }, SpanStatusCode.UNSET],
  )
})

test('an import that fails is an error of its span, without the address, and of its caller', async () => {
  const thrown = new TypeError('Failed to fetch https://shop.test/pages.js?secret=1')
  await assert.rejects(
    traceImport('pages.js', () => Promise.reject(thrown)),
    (error) => error === thrown,
  )
  const [{ status } = assert.fail()] = spans.getFinishedSpans()
  assert.deepEqual(status, { code: SpanStatusCode.ERROR, message: 'The code did not load.' })
})
