import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { after, before, test } from 'node:test'
import { startXray } from '@cruddur/vendor-doubles'
import { startServer } from '@cruddur/vendor-doubles/server'
import { samplingProtocol } from '@cruddur/vendor-doubles/xray'
import { type Attributes, context, type Span, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace'
import * as z from 'zod/mini'
import { faults, isBalanced, patienceMs, testSignal, until } from '../testing.ts'
import { createXray, type XrayOptions } from './xray.ts'
import { localRule } from './xray-rules.ts'
import { xraySdk } from './xray-sdk.ts'

const { AWSXRay, sampler } = xraySdk()

const id = z.string().check(z.regex(/^[0-9a-f]{16}$/))
const traceId = z.string().check(z.regex(/^1-[0-9a-f]{8}-[0-9a-f]{24}$/))
const name = z.string().check(z.regex(/^[\p{L}\p{N}\p{Zs}_.:/%&#=+\-@]{1,200}$/u))
const scalar = z.union([z.string().check(z.maxLength(1_000)), z.number(), z.boolean()])
const exception = z.strictObject({
  id,
  message: z.string(),
  type: z.string(),
  remote: z.boolean(),
  stack: z.array(z.strictObject({ path: z.string(), line: z.int(), label: z.string() })),
})
/** How older and newer releases of the Collector's awsxrayreceiver parse the URL. */
const partsOfSqlUrl = [/^(.+\/\/.+)\/([^?]+)\??.*$/, /^([^/]+:(?:\/\/[^/]+\/)?)([^?]+)\??.*$/]
const sqlUrl = z.string().check(
  z.refine((url) => URL.canParse(url)),
  ...partsOfSqlUrl.map((parts) => z.regex(parts)),
)
const both = {
  id,
  name,
  start_time: z.number(),
  end_time: z.number(),
  error: z.optional(z.literal(true)),
  throttle: z.optional(z.literal(true)),
  fault: z.optional(z.literal(true)),
  cause: z.optional(z.union([id, z.strictObject({ working_directory: z.string(), exceptions: z.array(exception) })])),
  annotations: z.optional(z.record(z.string().check(z.regex(/^[A-Za-z0-9_]+$/)), scalar)),
  metadata: z.optional(z.record(z.string(), z.record(z.string(), z.unknown()))),
  http: z.optional(
    z.strictObject({
      request: z.strictObject({
        method: z.string(),
        url: z.optional(z.string()),
        user_agent: z.optional(z.string()),
        client_ip: z.optional(z.string()),
        x_forwarded_for: z.optional(z.boolean()),
      }),
      response: z.optional(z.strictObject({ status: z.int(), content_length: z.optional(z.int()) })),
    }),
  ),
}
const subsegment = {
  ...both,
  namespace: z.optional(z.enum(['aws', 'remote'])),
  traced: z.optional(z.boolean()),
  sql: z.optional(
    z.strictObject({
      sanitized_query: z.string(),
      database_type: z.string(),
      url: z.optional(sqlUrl),
      user: z.optional(z.string()),
    }),
  ),
}
type Doc = {
  id: string
  name: string
  parent_id?: string
  subsegments?: Doc[]
  start_time: number
  end_time: number
} & Record<string, unknown>
const Inner: z.ZodMiniType = z.strictObject({ ...subsegment, subsegments: z.optional(z.array(z.lazy(() => Inner))) })
/** The segment document as AWS describes it. Any other field is refused. */
const SegmentDocument = z.union([
  z.strictObject({
    ...both,
    trace_id: traceId,
    parent_id: z.optional(id),
    user: z.optional(z.string()),
    service: z.strictObject({ version: z.optional(z.string()) }),
    aws: z.strictObject({ xray: z.record(z.string(), z.string()) }),
    subsegments: z.optional(z.array(Inner)),
  }),
  z.strictObject({
    ...subsegment,
    type: z.literal('subsegment'),
    trace_id: traceId,
    parent_id: id,
    subsegments: z.optional(z.array(Inner)),
  }),
])

const tickMs = 50

/** A daemon whose rules can fail while its datagrams arrive. */
const startDaemon = async () => {
  const daemon = await startXray()
  const documents = daemon.segments as unknown as Doc[]
  /** When the rules were asked for, in ticks of this process. A pause of the machine is one tick. */
  const askedAt: number[] = []
  let ticks = 0
  const clock = setInterval(() => ticks++, tickMs).unref()
  const rules = await startServer(samplingProtocol([{ RuleName: 'Everything', FixedRate: 1, ReservoirSize: 1 }]), {
    received: () => askedAt.push(ticks),
  })
  const all = (): Doc[] => documents.flatMap(withInner)
  return {
    documents,
    largest: () => Math.max(...daemon.datagrams.map(({ length }) => length)),
    rules,
    askedAt,
    address: {
      udp: { host: 'localhost', port: daemon.port },
      tcp: { host: '127.0.0.1', port: rules.port },
    },
    all,
    find: (span: Span): Doc => {
      const found = all().find((document) => document.id === span.spanContext().spanId)
      assert.ok(found)
      return found
    },
    stop: async () => {
      clearInterval(clock)
      await Promise.all([daemon.stop(), rules.stop()])
    },
  }
}

const withInner = (document: Doc): Doc[] => [
  document,
  ...(document.subsegments ?? []).flatMap((inner) => withInner({ ...inner, parent_id: document.id })),
]

let daemon: Awaited<ReturnType<typeof startDaemon>>
let askedAtTheStart = 0
before(async () => {
  daemon = await startDaemon()
  // The SDK has one set of rules for the whole process.
  const { xray } = xrayTo()
  await until(() => sampler.shouldSample({ serviceName: service }) === 'Everything')
  await new Promise((resolve) => setTimeout(resolve, 50))
  askedAtTheStart = daemon.askedAt.length
  await xray.close(100)
})
after(() => daemon.stop())

const service = 'cruddur-backend'
const metadata = { now: 'app.now', 'results-size': 'app.result_length' }

const xrayTo = (options: Partial<XrayOptions> = {}) => {
  daemon.documents.length = 0
  const { signal } = testSignal('xray')
  const xray = createXray({ signal, daemon: daemon.address, service, metadata, ...options })
  const tracerOf = (name: string) =>
    new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': name, 'service.version': '1.2.3' }),
      spanProcessors: [xray.server],
    }).getTracer('test')
  const tracer = tracerOf(service)
  const start = (spanName: string, kind: SpanKind, attributes: Attributes = {}, parent?: Span) =>
    tracer.startSpan(
      spanName,
      { kind, attributes },
      parent ? trace.setSpan(context.active(), parent) : context.active(),
    )
  return { signal, xray, start, tracer, tracerOf }
}

const remoteParent = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
}
const request: Attributes = {
  'http.request.method': 'GET',
  'url.scheme': 'http',
  'server.address': 'localhost',
  'server.port': 4567,
  'url.path': '/api/activities/home',
  'user_agent.original': 'Browser',
  'client.address': '10.0.0.9',
  'network.peer.address': '127.0.0.1',
  'http.route': '/api/activities/home',
  'app.user_id': 'user-1',
}
const query: Attributes = {
  'db.system.name': 'postgresql',
  'db.namespace': 'cruddur',
  'server.address': 'localhost',
  'server.port': 5432,
  'db.query.text': 'SELECT * FROM activities WHERE uuid = $1',
}

test('makes a segment of a request and subsegments of its work and its SQL, with the same ids, parents and times', async (t) => {
  const { xray, start, signal, tracer } = xrayTo()
  t.after(() => xray.close(100))
  const server = tracer.startSpan(
    'GET /api/activities/home',
    { kind: SpanKind.SERVER, attributes: request },
    trace.setSpanContext(context.active(), remoteParent),
  )
  const work = start(
    'activity.home',
    SpanKind.INTERNAL,
    { 'app.now': '2026-11-20T22:47:00Z', 'app.result_length': 3, other: [1, 2] },
    server,
  )
  const wait = start('pg-pool.connect', SpanKind.CLIENT, { 'db.system.name': 'postgresql' }, work)
  const sql = start('SELECT activities', SpanKind.CLIENT, query, work)
  const call = start(
    'POST',
    SpanKind.CLIENT,
    {
      'http.request.method': 'POST',
      'url.full': 'https://api.example.com/x?token=canary',
      'server.address': 'api.example.com',
      'http.response.status_code': 429,
    },
    work,
  )
  for (const span of [wait, sql, call, work]) span.end()
  server.setAttribute('http.response.status_code', 200)
  server.end()

  assert.equal(await xray.flush(patienceMs), true)
  await until(() => daemon.documents.length === 1)
  const [segment] = daemon.documents
  z.parse(SegmentDocument, segment)
  assert.equal(segment?.trace_id, '1-0af76519-16cd43dd8448eb211c80319c')
  assert.equal(segment?.parent_id, 'b7ad6b7169203331')
  assert.equal(segment?.name, 'cruddur-backend')
  assert.equal(segment?.user, 'user-1')
  assert.deepEqual(segment?.service, { version: '1.2.3' })
  assert.deepEqual(segment?.http, {
    request: {
      method: 'GET',
      url: 'http://localhost:4567/api/activities/home',
      user_agent: 'Browser',
      client_ip: '10.0.0.9',
      x_forwarded_for: true,
    },
    response: { status: 200 },
  })
  assert.deepEqual(segment?.annotations, { http_route: '/api/activities/home', app_user_id: 'user-1' })

  for (const span of [server, work, wait, sql, call] as unknown as (Span & ReadableSpan)[]) {
    const found = daemon.find(span)
    assert.equal(found.parent_id, span.parentSpanContext?.spanId)
    const [startedAt, startedNanos] = span.startTime
    const [endedAt, endedNanos] = span.endTime
    assert.ok(Math.abs(found.start_time - (startedAt + startedNanos / 1e9)) < 1e-6)
    assert.ok(Math.abs(found.end_time - (endedAt + endedNanos / 1e9)) < 1e-6)
  }
  assert.deepEqual(daemon.find(work).metadata, {
    default: { now: '2026-11-20T22:47:00Z', 'results-size': 3 },
    otel: { other: [1, 2] },
  })
  assert.equal(daemon.find(work).namespace, undefined)
  assert.deepEqual([daemon.find(wait).name, daemon.find(wait).namespace], ['pg-pool.connect', undefined])
  assert.deepEqual([daemon.find(sql).name, daemon.find(sql).namespace], ['cruddur@localhost:5432', 'remote'])
  assert.deepEqual(daemon.find(sql).sql, {
    sanitized_query: 'SELECT * FROM activities WHERE uuid = $1',
    database_type: 'postgresql',
    url: 'postgresql://localhost:5432/cruddur',
  })
  const { name: host, http, error, throttle, fault } = daemon.find(call)
  assert.deepEqual(http, { request: { method: 'POST', url: 'https://api.example.com/x' }, response: { status: 429 } })
  assert.deepEqual(
    { host, error, throttle, fault },
    { host: 'api.example.com', error: true, throttle: true, fault: undefined },
  )
  assert.equal(signal.snapshot().delivered, 5)
})

test("writes the database's address in a form that the Collector can parse, whatever the address is", async (t) => {
  const { xray, start } = xrayTo()
  t.after(() => xray.close(100))
  const expected: [server: Attributes, url: string | undefined, namespace?: string][] = [
    [{ 'server.address': '127.0.0.1', 'server.port': 39527 }, 'postgresql://127.0.0.1:39527/cruddur'],
    [{ 'server.address': 'db.example' }, 'postgresql://db.example/cruddur'],
    [{ 'server.address': '/var/run/postgresql', 'server.port': 5432 }, 'postgresql://localhost/cruddur'],
    [{ 'server.address': '::1', 'server.port': 5432 }, 'postgresql://[::1]:5432/cruddur'],
    [{ 'server.address': 'db.example' }, 'postgresql://db.example/a%2Fb%3Fc%EF%BF%BD', 'a/b?c\ud800'],
    [{ 'server.address': 'db.example', 'server.port': 5432 }, undefined, ''],
    [{ 'server.address': 'no host', 'server.port': 5432 }, undefined],
    [{}, undefined],
  ]
  const { 'server.address': _, 'server.port': __, ...anywhere } = query
  const server = start('GET', SpanKind.SERVER, request)
  const asked = expected.map(([where, url, namespace = 'cruddur']) => {
    const attributes = { ...anywhere, ...where, 'db.namespace': namespace }
    return { span: start('SELECT', SpanKind.CLIENT, attributes, server), url }
  })
  for (const { span } of asked) span.end()
  server.end()
  await xray.flush(patienceMs)
  await until(() => daemon.documents.length === 1)
  z.parse(SegmentDocument, daemon.documents[0])
  for (const { span, url } of asked) {
    const sql = daemon.find(span).sql as { url?: string }
    assert.equal(sql.url, url)
    if (url === undefined) continue
    const [, , , name] = url.split('/')
    for (const parts of partsOfSqlUrl) assert.equal(parts.exec(url)?.[2], name)
  }
})

test('marks 4xx as error and 5xx as fault, and describes an exception once, with frames of plain paths', async (t) => {
  const { xray, start } = xrayTo()
  t.after(() => xray.close(100))
  const missing = start('GET', SpanKind.SERVER, { ...request, 'http.response.status_code': 404 })
  missing.end()
  const broken = start('GET', SpanKind.SERVER, { ...request, 'http.response.status_code': 500 })
  const work = start('activity.home', SpanKind.INTERNAL, {}, broken)
  const failure = new TypeError('the feed broke')
  work.recordException(failure)
  for (const span of [work, broken]) span.setStatus({ code: SpanStatusCode.ERROR, message: failure.message }).end()
  await xray.flush(patienceMs)
  await until(() => daemon.documents.length === 2)
  for (const document of daemon.documents) z.parse(SegmentDocument, document)
  assert.deepEqual([daemon.find(missing).error, daemon.find(missing).fault], [true, undefined])
  assert.deepEqual([daemon.find(broken).error, daemon.find(broken).fault], [undefined, true])
  const { exceptions } = daemon.find(work).cause as {
    exceptions: { id: string; message: string; type: string; stack: { path: string; line: number }[] }[]
  }
  const [told] = exceptions
  assert.deepEqual([told?.type, told?.message], ['TypeError', 'the feed broke'])
  assert.match(told?.stack[0]?.path ?? '', /^\/.*xray\.test\.ts$/)
  assert.equal(daemon.find(broken).cause, told?.id)
})

test('sends all of a request with 400 queries, in documents below 64 kB', async (t) => {
  const { xray, start, signal } = xrayTo()
  t.after(() => xray.close(100))
  const server = start('GET', SpanKind.SERVER, request)
  const spans = [server]
  for (let i = 0; i < 400; i++) {
    const sql = start('SELECT', SpanKind.CLIENT, { ...query, 'db.query.text': `SELECT ${'x'.repeat(i)}` }, server)
    sql.end()
    spans.push(sql)
  }
  server.end()
  await xray.flush(patienceMs)
  await until(() => daemon.all().length === 401)
  assert.ok(daemon.largest() < 64_000)
  for (const document of daemon.documents) z.parse(SegmentDocument, document)
  const traces = new Set(daemon.documents.map(({ trace_id }) => trace_id))
  assert.equal(traces.size, 1)
  for (const span of spans.slice(1)) assert.equal(daemon.find(span).parent_id, server.spanContext().spanId)
  assert.equal(signal.snapshot().delivered, 401)
})

test('cuts a span that does not fit into a document, and does not lose it', async (t) => {
  const { xray, start, signal } = xrayTo()
  t.after(() => xray.close(100))
  const attributes = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`key ${i}<>`, 'ä'.repeat(3_000)]))
  const annotations = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`app.key-${i}`, 'ä'.repeat(3_000)]))
  start(`bad<name>"\n${'x'.repeat(300)}`, SpanKind.INTERNAL, {
    ...attributes,
    ...annotations,
    ...query,
    'db.query.text': 'S'.repeat(100_000),
  }).end()
  await xray.flush(patienceMs)
  await until(() => daemon.documents.length === 1)
  z.parse(SegmentDocument, daemon.documents[0])
  assert.ok(daemon.largest() < 64_000)
  assert.equal(signal.snapshot().delivered, 1)
})

test('sends a span that ends after its request, or whose request never ends, as a document of its own', async (t) => {
  const { xray, start, signal } = xrayTo({ limits: { orphanAgeMs: 30 } })
  t.after(() => xray.close(100))
  const server = start('GET', SpanKind.SERVER, request)
  const late = start('afterwards', SpanKind.INTERNAL, { 'app.user_id': 'user-1' }, server)
  server.end()
  late.end()
  await until(() => daemon.documents.length === 2)
  for (const document of daemon.documents) z.parse(SegmentDocument, document)
  const { type, parent_id, trace_id } = daemon.find(late)
  const { spanId } = server.spanContext()
  assert.deepEqual(
    { type, parent_id, trace_id },
    { type: 'subsegment', parent_id: spanId, trace_id: daemon.find(server).trace_id },
  )
  assert.equal(signal.snapshot().delivered, 2)
})

test('keeps a span in its segment when it ends after its parent, at any depth', async (t) => {
  const { xray, start } = xrayTo()
  t.after(() => xray.close(100))
  const server = start('GET', SpanKind.SERVER, request)
  const chain = [server]
  for (let depth = 1; depth <= 5; depth++) chain.push(start(`depth ${depth}`, SpanKind.INTERNAL, {}, chain.at(-1)))
  // Each child ends after its parent; only the request waits for all of them.
  for (const span of [...chain.slice(1), server]) span.end()
  await xray.flush(patienceMs)
  await until(() => daemon.documents.length === 1)
  for (const [index, span] of chain.slice(1).entries()) {
    assert.equal(daemon.find(span).parent_id, chain[index]?.spanContext().spanId)
  }
})

test('makes two segments of two requests in one trace, each with its own spans', async (t) => {
  const { xray, start, tracer } = xrayTo()
  t.after(() => xray.close(100))
  const from = trace.setSpanContext(context.active(), remoteParent)
  const [one, two] = [1, 2].map(() =>
    tracer.startSpan('GET', { kind: SpanKind.SERVER, attributes: request }, from),
  ) as [Span, Span]
  const [inOne, inTwo] = [start('a', SpanKind.INTERNAL, {}, one), start('b', SpanKind.INTERNAL, {}, two)]
  for (const span of [inTwo, inOne, one, two]) span.end()
  await xray.flush(patienceMs)
  await until(() => daemon.documents.length === 2)
  assert.equal(daemon.find(inOne).parent_id, one.spanContext().spanId)
  assert.equal(daemon.find(inTwo).parent_id, two.spanContext().spanId)
})

test("makes a frontend segment of a click, whose fetch leads to the backend's segment", async (t) => {
  const { xray, tracerOf } = xrayTo()
  t.after(() => xray.close(100))
  const browser = tracerOf('cruddur-frontend')
  const click = browser.startSpan('click like', {
    attributes: { 'session.id': 's', 'page.route': '/', 'app.user_id': 'user-1' },
  })
  const fetched = browser.startSpan(
    'POST',
    {
      kind: SpanKind.CLIENT,
      attributes: {
        'http.request.method': 'POST',
        'url.full': 'http://localhost:3000/api/activities/1/like',
        'app.telemetry_origin': 'browser',
        'http.response.status_code': 200,
      },
    },
    trace.setSpan(context.active(), click),
  )
  fetched.end()
  click.end()
  await xray.flush(patienceMs)
  await until(() => daemon.documents.length === 1)
  z.parse(SegmentDocument, daemon.documents[0])
  const { name: segmentName, annotations } = daemon.find(click)
  assert.equal(segmentName, 'cruddur-frontend')
  assert.deepEqual(annotations, { session_id: 's', page_route: '/', app_user_id: 'user-1' })
  const { name: host, namespace, traced } = daemon.find(fetched)
  assert.deepEqual({ host, namespace, traced }, { host: 'localhost:3000', namespace: 'remote', traced: true })
})

test('makes a segment of a fetch without a click, without the fields of a subsegment', async (t) => {
  const { xray, tracerOf } = xrayTo()
  t.after(() => xray.close(100))
  const attributes = {
    'http.request.method': 'GET',
    'url.full': 'http://localhost:3000/api',
    'app.telemetry_origin': 'browser',
  }
  tracerOf('cruddur-frontend').startSpan('GET', { kind: SpanKind.CLIENT, attributes }).end()
  await xray.flush(patienceMs)
  await until(() => daemon.documents.length === 1)
  const [segment] = daemon.documents
  z.parse(SegmentDocument, segment)
  assert.equal(segment?.name, 'cruddur-frontend')
})

test('survives spans that are their own parents', async (t) => {
  const { xray, start, signal } = xrayTo()
  t.after(() => xray.close(100))
  const server = start('GET', SpanKind.SERVER, request) as Span & ReadableSpan
  const self = { ...server.spanContext() }
  const twin = Object.create(start('twin', SpanKind.INTERNAL, {}, server), {
    spanContext: { value: () => self },
    endTime: { value: [1, 0] },
  })
  xray.server.onEnd(twin)
  server.end()
  assert.equal(await xray.flush(patienceMs), true)
  assert.ok(isBalanced(signal))
  assert.equal(signal.snapshot().delivered, 2)
  await until(() => daemon.documents.length === 1)
})

test('names a segment after its host only where the pattern matches', async (t) => {
  const { xray, start } = xrayTo({ hostPattern: '*4567-*' })
  t.after(() => xray.close(100))
  const matching = start('GET', SpanKind.SERVER, {
    ...request,
    'server.address': '4567-cruddur.example.io',
    'server.port': 443,
  })
  const other = start('GET', SpanKind.SERVER, { ...request, 'server.address': 'attacker.example.com' })
  for (const span of [matching, other]) span.end()
  await xray.flush(patienceMs)
  await until(() => daemon.documents.length === 2)
  assert.equal(daemon.find(matching).name, '4567-cruddur.example.io')
  assert.equal(daemon.find(other).name, 'cruddur-backend')
})

test('names the rule that kept a segment, and never samples what OpenTelemetry has not sampled', async (t) => {
  const { xray, start, signal } = xrayTo()
  t.after(() => xray.close(100))
  const server = start('GET', SpanKind.SERVER, request)
  server.end()
  const unsampled = start('GET', SpanKind.SERVER, request) as Span & ReadableSpan
  const flags = { ...unsampled.spanContext(), traceFlags: TraceFlags.NONE }
  xray.server.onEnd(Object.create(unsampled, { spanContext: { value: () => flags } }))
  await xray.flush(patienceMs)
  await until(() => daemon.documents.length === 1)
  const { aws } = daemon.find(server) as unknown as { aws: { xray: Record<string, string> } }
  assert.equal(aws.xray.rule_name, 'Everything')
  assert.equal(signal.snapshot().created, 1)
})

test('sends every failed request and the other half of its trace, even against the sampling rules', async (t) => {
  const { xray, start, signal } = xrayTo()
  const { shouldSample } = sampler
  t.after(() => Object.assign(sampler, { shouldSample }))
  t.after(() => xray.close(100))
  Object.assign(sampler, { shouldSample: () => false })
  const ended = Array.from({ length: 400 }, (_, n) => {
    const failed = n % 2 === 0
    const server = start('GET', SpanKind.SERVER, { ...request, 'http.response.status_code': failed ? 500 : 200 })
    if (failed) server.setStatus({ code: SpanStatusCode.ERROR })
    server.end()
    return server
  })
  const click = start('click', SpanKind.INTERNAL, {}, ended[0])
  click.end()
  await xray.flush(patienceMs)
  await until(() => daemon.documents.length >= 201)
  assert.deepEqual(
    new Set(daemon.documents.map(({ id: spanId }) => spanId)),
    new Set([...ended.filter((_, n) => n % 2 === 0), click].map((span) => span.spanContext().spanId)),
  )
  assert.deepEqual(signal.snapshot().dropped, { not_sampled: 200 })
})

test('starts with the same rule as aws/json/xray.json', () => {
  const { SamplingRule } = JSON.parse(readFileSync(new URL('../../../../aws/json/xray.json', import.meta.url), 'utf8'))
  assert.deepEqual(localRule, { fixed_target: SamplingRule.ReservoirSize, rate: SamplingRule.FixedRate })
})

test('keeps the SDK from hooking into anything', () => {
  assert.equal(AWSXRay.isAutomaticMode(), false)
  assert.equal('__request' in http, false)
  assert.equal('__request' in https, false)
})

// Its queue would never be empty, so a `close` that waits for that never returns.
test('bounds its memory when requests do not end and the daemon cannot be reached', {
  timeout: patienceMs,
}, async (t) => {
  const { xray, start, signal } = xrayTo({
    daemon: { udp: { host: 'no-such-host.invalid', port: 2000 }, tcp: daemon.address.tcp },
    limits: { spans: 100 },
  })
  t.after(() => xray.close(100))
  const server = start('GET', SpanKind.SERVER, request)
  for (let i = 0; i < 500; i++) {
    start('child', SpanKind.INTERNAL, {}, server).end()
    start('GET', SpanKind.SERVER, request).end()
    assert.ok(isBalanced(signal))
  }
  assert.ok(signal.snapshot().queued <= 200)
  await until(() => /no-such-host/.test(signal.snapshot().lastError ?? ''))
  await xray.close(100)
  assert.equal(signal.snapshot().queued, 0)
  assert.ok(isBalanced(signal))
})

for (const [name, fault] of faults) {
  test(`sends segments at once with ${name} on the daemon's TCP port`, async (t) => {
    daemon.rules.fault = fault
    t.after(() => {
      daemon.rules.fault = null
    })
    // Segments that wait for the rules come after this flush.
    const { xray, start, signal } = xrayTo({ limits: { rulesMs: 2 * patienceMs } })
    t.after(() => xray.close(100))
    start('GET', SpanKind.SERVER, request).end()
    assert.equal(await xray.flush(patienceMs), true)
    await until(() => daemon.documents.length === 1)
    assert.ok(daemon.rules.sockets.open <= 1)
    assert.ok(isBalanced(signal))
  })
}

test('fetches the rules once at the start', () => {
  assert.equal(askedAtTheStart, 1)
})

test('after a refusal fetches the rules with one request at a time, even when several pollers start', async (t) => {
  daemon.rules.fault = { status: 500 }
  t.after(() => {
    daemon.rules.fault = null
  })
  const rulesAgainMs = 2 * tickMs
  const { xray } = xrayTo({ limits: { rulesAgainMs } })
  t.after(() => xray.close(100))
  const { askedAt } = daemon
  const first = askedAt.length
  // The poller of targets does this when there are newer rules.
  for (let times = 0; times < 3; times++) {
    await until(() => askedAt.length > first + times)
    sampler.rulePoller.start()
  }
  const from = askedAt.length
  await until(() => askedAt.length >= from + 4)
  const times = askedAt.slice(from)
  assert.equal(new Set(times).size, times.length, `in the ticks ${times.join()}`)
  await xray.close(100)
  const asked = askedAt.length
  await new Promise((resolve) => setTimeout(resolve, 2 * rulesAgainMs))
  assert.equal(askedAt.length, asked)
})

test('survives malformed rules', async (t) => {
  for (const body of [
    '{"SamplingRuleRecords":[{}]}',
    '{"SamplingRuleRecords":"x"}',
    'null',
    '[]',
    '{"SamplingRuleRecords":[{"SamplingRule":7}]}',
  ]) {
    daemon.rules.fault = { status: 200, body }
    const { xray, signal } = xrayTo()
    await until(() => signal.snapshot().lastStatus === 200)
    await new Promise((resolve) => setTimeout(resolve, 20))
    await xray.close(100)
  }
  t.after(() => {
    daemon.rules.fault = null
  })
})
