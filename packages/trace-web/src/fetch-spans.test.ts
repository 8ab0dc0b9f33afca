import './testing.ts'
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { context, propagation, SpanStatusCode, type TracerProvider, trace } from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import { StackContextManager } from '@opentelemetry/sdk-trace-web'
import { traceFetch as traceByInstrumentation } from './fetch-instrumentation.ts'
import { FetchNames } from './fetch-spans.ts'
import { traceFetch as traceLean } from './lean-fetch.ts'
import { createProvider as createLean } from './lean-sdk.ts'
import { createProvider as createSdk } from './sdk.ts'

const spans = new InMemorySpanExporter()
const options = {
  propagateTo: ['https://api.test'],
  untraced: ['/quiet'],
  routes: [{ method: 'POST', path: '/api/cruds/:uuid/like' }],
  isExpected: (status: number) => status === 409,
}
const spanProcessors = [new FetchNames(options), new SimpleSpanProcessor({ exporter: spans })]
context.setGlobalContextManager(new StackContextManager().enable())
propagation.setGlobalPropagator(new W3CTraceContextPropagator())

type Sent = { input: unknown; init: RequestInit | undefined; traceparent: string | null }
let sent: Sent[] = []
let answer: () => Promise<Response> = async () => new Response('{}')

const tracedFetch = (traceFetch: (options: object) => unknown, provider: TracerProvider): typeof fetch => {
  trace.disable()
  trace.setGlobalTracerProvider(provider)
  globalThis.fetch = async (input, init) => {
    const headers = input instanceof Request ? input.headers : new Headers(init?.headers)
    sent.push({ input, init, traceparent: headers.get('traceparent') })
    return answer()
  }
  traceFetch(options)
  return globalThis.fetch
}

beforeEach(() => {
  spans.reset()
  sent = []
  answer = async () => new Response('{}')
})

/** The browser’s timing never comes here, so a span ends a little later. */
const ended = async (count = 1) => {
  for (let waits = 0; spans.getFinishedSpans().length < count; waits++) {
    assert.ok(waits < 1_500, 'no span has ended')
    await setTimeout(20)
  }
  const [span] = spans.getFinishedSpans()
  return span ?? assert.fail()
}

const testsOf = (name: string, fetch: typeof globalThis.fetch) => {
  test(`${name}: a request has the name of its route, and its server gets the ids of its span`, async () => {
    await fetch('/api/cruds/17/like?secret=1', { method: 'post', headers: { accept: 'text/plain' } })
    const span = await ended()
    const { name, attributes } = span
    assert.equal(name, 'POST /api/cruds/:uuid/like')
    assert.deepEqual(attributes, {
      'http.request.method': 'POST',
      'http.request.method_original': 'post',
      'url.full': `${location.origin}/api/cruds/17/like`,
      'url.template': '/api/cruds/:uuid/like',
      'http.response.status_code': 200,
      'server.address': 'shop.test',
      'server.port': 80,
    })
    const [{ input, init: given, traceparent } = assert.fail()] = sent
    const { traceId, spanId } = span.spanContext()
    assert.equal(traceparent, `00-${traceId}-${spanId}-01`)
    assert.equal(new URL(String(input), location.href).href, `${location.origin}/api/cruds/17/like?secret=1`)
    assert.equal(new Headers(given?.headers).get('accept'), 'text/plain')
  })

  test(`${name}: other origins get no ids, unless they are named`, async () => {
    for (const url of ['https://api.test/a', 'https://other.test/a', 'https://api.test.evil.test/a']) await fetch(url)
    assert.deepEqual(
      sent.map(({ traceparent }) => traceparent !== null),
      [true, false, false],
    )
    await ended(3)
  })

  test(`${name}: an untraced request stays as it is, with its body`, async () => {
    const request = new Request(`${location.origin}/quiet`, { method: 'POST', body: 'text' })
    const init = { headers: { a: 'b' } }
    await fetch(request, init)
    assert.deepEqual([sent[0]?.input, sent[0]?.init, sent[0]?.traceparent], [request, init, null])
    assert.equal(await request.text(), 'text')
  })

  test(`${name}: a Request keeps its method, headers and body, and what the second argument changes`, async () => {
    const request = new Request(`${location.origin}/api/orders/17`, {
      method: 'PUT',
      body: 'text',
      headers: { a: '1', b: '1' },
    })
    await fetch(request, { headers: { b: '2' } })
    assert.equal((await ended()).name, 'PUT /api/orders/:id')
    const given = sent[0]?.input as Request
    assert.deepEqual([given.method, given.headers.get('b'), await given.text()], ['PUT', '2', 'text'])
    assert.ok(sent[0]?.traceparent)
  })

  test(`${name}: an answer from 400 on is an error, unless the page expects it from the route`, async () => {
    answer = async () => new Response('', { status: 409 })
    await fetch('/api/cruds/17/like', { method: 'POST' })
    assert.equal((await ended()).status.code, SpanStatusCode.UNSET)
    spans.reset()
    await fetch('/elsewhere', { method: 'POST' })
    const { status, attributes } = await ended()
    assert.deepEqual([status.code, attributes['error.type']], [SpanStatusCode.ERROR, '409'])
  })

  test(`${name}: a request without an answer fails with the caller’s own error, and its span does not quote it`, async () => {
    const thrown = new TypeError('Failed to fetch https://shop.test/?secret=1')
    answer = () => Promise.reject(thrown)
    await assert.rejects(fetch('/api/x'), (error) => error === thrown)
    const { status, attributes } = await ended()
    assert.deepEqual([status.code, attributes['error.type']], [SpanStatusCode.ERROR, 'TypeError'])
    assert.doesNotMatch(status.message ?? '', /secret/)
  })

  test(`${name}: a request that the page cancels is no error, even in the middle of its body`, async () => {
    const cancel = new DOMException('', 'AbortError')
    answer = async () => new Response(new ReadableStream({ pull: (controller) => controller.error(cancel) }))
    await (await fetch('/api/x')).text().catch(() => {})
    const { status, attributes } = await ended()
    assert.deepEqual([status.code, attributes['app.cancelled']], [SpanStatusCode.UNSET, true])
  })

  test(`${name}: the span lasts until the whole body has come, although nothing reads it`, async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    answer = async () => new Response(new ReadableStream({ pull: (to) => promise.then(() => to.close()) }))
    await fetch('/api/x')
    await setTimeout(400)
    assert.equal(spans.getFinishedSpans().length, 0)
    resolve()
    const [seconds, nanoseconds] = (await ended()).duration
    assert.ok(seconds * 1e3 + nanoseconds / 1e6 > 390)
  })
}

testsOf('OpenTelemetry’s instrumentation', tracedFetch(traceByInstrumentation, createSdk({ spanProcessors })))
const leanFetch = tracedFetch(traceLean, createLean({ spanProcessors }))
testsOf('the lean wrapper', leanFetch)

/** An answer in pieces, and whether the browser still downloads it. */
const endless = () => {
  const state = { isCancelled: false }
  const pull = async (to: ReadableByteStreamController) => {
    await setTimeout(1)
    to.enqueue(new TextEncoder().encode('tick '))
  }
  const cancel = () => {
    state.isCancelled = true
  }
  answer = async () => new Response(new ReadableStream({ type: 'bytes', pull, cancel }))
  return state
}

type Body = ReadableStream<Uint8Array<ArrayBuffer>>
const waysToStop: [name: string, stop: (body: Body) => Promise<unknown>][] = [
  ['cancels its body', (body) => body.cancel()],
  [
    'cancels its reader',
    async (body) => {
      const reader = body.getReader()
      await reader.read()
      await reader.cancel()
    },
  ],
  [
    'leaves its loop',
    async (body) => {
      for await (const _ of body) break
    },
  ],
  [
    'cancels what it decodes',
    async (body) => {
      const reader = body.pipeThrough(new TextDecoderStream()).getReader()
      assert.equal((await reader.read()).value, 'tick ')
      await reader.cancel()
    },
  ],
  [
    'cancels a reader with a buffer of its own',
    async (body) => {
      const reader = body.getReader({ mode: 'byob' })
      assert.equal((await reader.read(new Uint8Array(3))).value?.length, 3)
      await reader.cancel()
    },
  ],
]
for (const [name, stop] of waysToStop)
  test(`the lean wrapper lets the browser stop a download when the page ${name}`, async () => {
    const download = endless()
    await stop((await leanFetch('/events')).body ?? assert.fail())
    await ended()
    assert.equal(download.isCancelled, true)
  })

test('the lean wrapper gives the page the whole answer, by each way to read it', async () => {
  answer = async () => new Response('{"a":1}')
  const { body } = await leanFetch('/a')
  assert.equal(await new Response(body).text(), '{"a":1}')
  const looked = await leanFetch('/a')
  assert.equal(looked.body?.locked, false)
  assert.equal(looked.body, looked.body)
  assert.deepEqual(await looked.clone().json(), { a: 1 })
  assert.equal(await new Response(looked.body).text(), '{"a":1}')
  const unread = await leanFetch('/a')
  assert.ok(unread.body)
  assert.deepEqual(await unread.json(), { a: 1 })
  answer = async () => new Response(null, { status: 204 })
  assert.equal((await leanFetch('/a')).body, null)
})

test('the lean wrapper keeps the method, the headers and the body of a Request for another address', async () => {
  const request = new Request(`${location.origin}/old/17`, { method: 'PUT', body: 'text', headers: { a: '1' } })
  await leanFetch(`${location.origin}/api/orders/17`, request)
  const given = new Request(sent[0]?.input as string, sent[0]?.init)
  assert.deepEqual([given.method, given.headers.get('a'), await given.text()], ['PUT', '1', 'text'])
  assert.equal(given.url, `${location.origin}/api/orders/17`)
  assert.ok(sent[0]?.traceparent)
  await ended()
})

test('the lean wrapper leaves the arguments of its caller as they are', async () => {
  const headers = { accept: 'text/plain' }
  const init = { headers }
  await leanFetch('/api/x?a=1', init)
  assert.equal(sent[0]?.input, '/api/x?a=1')
  assert.deepEqual([init, headers], [{ headers }, { accept: 'text/plain' }])
  assert.equal(init.headers, headers)
  await ended()
})

test('the lean wrapper leaves it to the browser to refuse a request, which has no span', async () => {
  const thrown = new TypeError('invalid')
  answer = () => Promise.reject(thrown)
  await assert.rejects(leanFetch('http://'), (error) => error === thrown)
  assert.equal(spans.getFinishedSpans().length, 0)
})
