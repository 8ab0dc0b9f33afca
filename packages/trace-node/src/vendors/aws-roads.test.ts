import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { startCloudWatch, startHoneycomb, startXray } from '@cruddur/vendor-doubles'
import type { VendorRequest } from '@cruddur/vendor-doubles/protocol'
import type { Segment } from '@cruddur/vendor-doubles/xray'
import { context, logs, type Span, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { LoggerProvider } from '@opentelemetry/sdk-logs'
import { AlwaysOnSampler, TracerProvider } from '@opentelemetry/sdk-trace'
import { Sha256 } from '@smithy/core/checksum'
import { SignatureV4 } from '@smithy/signature-v4'
import { createLog } from '../logger.ts'
import { xrayProcessor } from '../parts.ts'
import { patienceMs, testSignal, until } from '../testing.ts'
import { logsOverOtlp } from './aws-otlp.ts'
import { createCloudWatch } from './cloudwatch.ts'
import { otlpLines } from './otlp-logs.ts'

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

const credentials = {
  accessKeyId: 'AKIDOFATEST',
  secretAccessKey: 'a-secret-of-a-test-0123456789',
  sessionToken: 'a-session-token-of-a-test',
}
const credentialsEnv = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_SESSION_TOKEN: credentials.sessionToken,
}

const withEnv = (t: TestContext, env: Record<string, string>) => {
  Object.assign(process.env, env)
  t.after(() => {
    for (const name of Object.keys(env)) delete process.env[name]
  })
}

/** AWS's server accepts OTLP as Honeycomb's does, but checks other headers. */
const startAws = async (t: TestContext) => {
  const aws = await startHoneycomb()
  t.after(aws.stop)
  return aws
}

const signedHeadersOf = ({ headers }: VendorRequest): string[] =>
  /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split(';') ?? []

/** Signs a received request again, as AWS does, and returns the header that it must have. */
const signatureFor = async (request: VendorRequest, service: string, secret = credentials): Promise<string> => {
  const { method, path, headers, body } = request
  const signed = signedHeadersOf(request).filter((name) => !/^x-amz-(date|content-sha256|security-token)$/.test(name))
  const [, date = '', time = ''] = /^(\d{8})T(\d{6})Z$/.exec(String(headers['x-amz-date'])) ?? []
  const iso = `${date.replace(/(....)(..)(..)/, '$1-$2-$3')}T${time.replace(/(..)(..)(..)/, '$1:$2:$3')}Z`
  const signer = new SignatureV4({ service, region: 'eu-central-1', sha256: Sha256, credentials: secret })
  const { hostname, port } = new URL(`http://${headers.host}`)
  const again = await signer.sign(
    {
      method,
      protocol: 'http:',
      hostname,
      port: Number(port),
      path,
      query: {},
      headers: Object.fromEntries(signed.map((name) => [name, String(headers[name])])),
      body,
    },
    { signingDate: new Date(iso) },
  )
  return String(again.headers.authorization)
}

const assertSigned = async (request: VendorRequest, service: string, alsoSigned: string[] = []) => {
  const { authorization } = request.headers
  assert.equal(authorization, await signatureFor(request, service))
  assert.match(
    String(authorization),
    new RegExp(`^AWS4-HMAC-SHA256 Credential=AKIDOFATEST/\\d{8}/eu-central-1/${service}/`),
  )
  const signed = signedHeadersOf(request)
  for (const name of ['host', 'content-type', 'x-amz-date', 'x-amz-security-token', ...alsoSigned])
    assert.ok(signed.includes(name), `${name} is signed`)
  const changed = { ...request, body: Buffer.concat([request.body, Buffer.of(0)]) }
  assert.notEqual(authorization, await signatureFor(changed, service), 'the signature covers the body')
  const other = { ...credentials, secretAccessKey: 'another-secret' }
  assert.notEqual(authorization, await signatureFor(request, service, other), 'and depends on the secret')
}

type Ids = readonly [traceId: string, spanId: string, parentId: string]

const idsIn = (node: Segment, traceId: string, parentId: string): Ids[] => [
  [traceId, node.id, parentId],
  ...(node.subsegments ?? []).flatMap((inner) => idsIn(inner, traceId, node.id)),
]
const w3cIdOf = (traceId: string): string => traceId.slice(2).replace('-', '')
const sorted = (ids: readonly (readonly string[])[]): string[] => ids.map((one) => one.join(' ')).sort()
const unique = (ids: readonly (readonly string[])[]): string[] => [...new Set(sorted(ids))]

test('1,000 spans have the same ids on both roads to X-Ray, and AWS can verify each request', async (t) => {
  const [daemon, aws] = [await startXray(), await startAws(t)]
  t.after(daemon.stop)
  withEnv(t, { ...credentialsEnv, ...daemon.env, AWS_ENDPOINT_URL_XRAY: aws.url })
  const byDaemon = xrayProcessor({ service: 'shop-api' })
  process.env.AWS_XRAY_ROAD = 'otlp'
  t.after(() => delete process.env.AWS_XRAY_ROAD)
  const byOtlp = xrayProcessor({ service: 'shop-api' })
  const tracer = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop-api' }),
    sampler: new AlwaysOnSampler(),
    spanProcessors: [byDaemon, byOtlp],
  }).getTracer('test')

  const made: Ids[] = []
  const keep = (span: Span, parentId: string) => {
    const { traceId, spanId } = span.spanContext()
    made.push([traceId, spanId, parentId])
    return trace.setSpan(context.active(), span)
  }
  for (let request = 0; request < 100; request++) {
    const parent = { traceId: randomHex(16), spanId: randomHex(8), traceFlags: TraceFlags.SAMPLED, isRemote: true }
    const root = tracer.startSpan('GET /a', { kind: SpanKind.SERVER }, trace.setSpanContext(context.active(), parent))
    // A fault passes every sampling rule.
    root.setStatus({ code: SpanStatusCode.ERROR })
    const open = [root]
    let below = keep(root, parent.spanId)
    for (let depth = 1; depth < 10; depth++) {
      const [last] = open.slice(-1) as [Span]
      const span = tracer.startSpan(`step ${depth}`, {}, below)
      const inside = keep(span, last.spanContext().spanId)
      // Chains and siblings.
      if (depth % 3 === 0) span.end()
      else {
        open.push(span)
        below = inside
      }
    }
    for (const span of open.reverse()) span.end()
  }
  assert.equal(made.length, 1_000)
  await Promise.all([byDaemon.forceFlush(), byOtlp.forceFlush()])
  const idsByDaemon = () =>
    daemon.segments.flatMap((segment) => idsIn(segment, w3cIdOf(segment.trace_id), segment.parent_id ?? ''))
  await until(() => idsByDaemon().length >= 1_000 && new Set(aws.spans.map(({ spanId }) => spanId)).size >= 1_000)
  const idsByOtlp = aws.spans.map(({ traceId, spanId, parentSpanId }): Ids => [traceId, spanId, parentSpanId ?? ''])
  // A busy machine can miss the deadline of a request, which is then sent again.
  assert.deepEqual(unique(idsByOtlp), sorted(made))
  assert.deepEqual(sorted(idsByDaemon()), sorted(made))

  for (const request of aws.requests) {
    assert.equal(request.path, '/v1/traces')
    assert.ok(request.body.length < 5_000_000)
    await assertSigned(request, 'xray')
  }
  t.diagnostic(`1,000 of 1,000 ids equal, ${daemon.datagrams.length} datagrams, ${aws.requests.length} OTLP requests`)
  await Promise.all([byDaemon.shutdown(), byOtlp.shutdown()])
})

const randomHex = (bytes: number): string => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex')

test('1,000 lines have the same ids on both roads to CloudWatch, and AWS can verify each request', async (t) => {
  const [cloudwatch, aws] = [await startCloudWatch(), await startAws(t)]
  t.after(cloudwatch.stop)
  withEnv(t, { ...credentialsEnv, ...cloudwatch.env, AWS_REGION: 'eu-central-1' })
  const byWinston = createCloudWatch({ signal: testSignal().signal, logGroup: 'shop' })
  const place = { region: 'eu-central-1', endpoint: aws.url, apiKey: undefined }
  const byOtlp = logsOverOtlp(testSignal().signal, { ...place, logGroup: 'shop', logStream: 'shop-api' })
  const resource = resourceFromAttributes({ 'service.name': 'shop-api' })
  logs.disable()
  logs.setGlobalLoggerProvider(new LoggerProvider({ resource, processors: [byOtlp] }))
  const stdout = Object.assign(Object.create(process.stdout), { write: () => true })
  const sinks = [byWinston.write, otlpLines({ service: 'shop-api', attributes: {} })]
  const log = createLog({ service: 'shop-api', environment: 'test', stdout, sinks })
  const tracer = new TracerProvider().getTracer('test')

  await byWinston.ready
  for (let line = 0; line < 1_000; line++)
    tracer.startActiveSpan('a request', (span) => {
      log.info(`line ${line}`, { status: 200 })
      span.end()
    })
  await Promise.all([byWinston.flush(patienceMs), byOtlp.forceFlush()])
  await until(() => cloudwatch.lines.length >= 1_000 && aws.logRecords.length >= 1_000)
  const told = cloudwatch.lines.map(({ message }) => JSON.parse(message) as Record<string, string>)
  const idsByWinston = told.map(({ trace_id, span_id, message }) => [trace_id, span_id, message].map(String))
  const idsByOtlp = aws.logRecords.map(({ traceId, spanId, body }) => [traceId, spanId, body].map(String))
  assert.equal(unique(idsByOtlp).length, 1_000)
  assert.deepEqual(unique(idsByOtlp), unique(idsByWinston))

  for (const request of aws.requests) {
    assert.equal(request.path, '/v1/logs')
    assert.equal(request.headers['x-aws-log-group'], 'shop')
    assert.equal(request.headers['x-aws-log-stream'], 'shop-api')
    assert.ok(request.body.length < 1_000_000)
    await assertSigned(request, 'logs', ['x-aws-log-group', 'x-aws-log-stream'])
  }
  await Promise.all([byWinston.close(1_000), byOtlp.shutdown(1_000)])
  logs.disable()
})

const program = `
  import { createServer } from 'node:http'
  import { shutdownTracing, signals, tracing } from './index.ts'
  const { traced, log } = tracing()
  await traced('cart.read', async () => log.info('the cart was read'))()
  await shutdownTracing(60_000)
  process.stderr.write(JSON.stringify(signals()))
  process.exit(0)`

const run = async (env: Record<string, string>) => {
  const args = ['--import', './register.ts', '--input-type=module', '--eval', program]
  const child = spawn(process.execPath, args, {
    cwd: join(import.meta.dirname, '..'),
    env: { PATH: process.env.PATH, OTEL_SERVICE_NAME: 'shop-api', ...env },
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  child.stdout.resume()
  const [code] = await once(child, 'close')
  return { code, stderr }
}

const headersOf = ({ requests }: { requests: readonly VendorRequest[] }): string =>
  JSON.stringify(requests.map(({ headers }) => headers))

test('two words in the environment switch to OTLP, and each key goes to its own vendor only', async (t) => {
  const [honeycomb, xray, cloudWatch] = [
    await startHoneycomb({ key: 'a-honeycomb-key' }),
    await startAws(t),
    await startAws(t),
  ]
  t.after(honeycomb.stop)
  const env = {
    ...credentialsEnv,
    ...honeycomb.env,
    OTEL_LOGS_EXPORTER: 'otlp',
    CLOUDWATCH_LOG_GROUP: 'shop',
    AWS_XRAY_ROAD: 'otlp',
    AWS_LOGS_ROAD: 'otlp',
    AWS_ENDPOINT_URL_XRAY: xray.url,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: cloudWatch.url,
  }
  const { code, stderr } = await run(env)
  assert.equal(code, 0, stderr)
  const [span] = honeycomb.spans
  assert.ok(span)
  const { traceId, spanId } = span
  assert.deepEqual(
    xray.spans.map((one) => [one.traceId, one.spanId]),
    [[traceId, spanId]],
  )
  for (const { logRecords } of [honeycomb, cloudWatch])
    assert.deepEqual(
      logRecords.map((one) => [one.traceId, one.spanId, one.body]),
      [[traceId, spanId, 'the cart was read']],
    )
  for (const request of xray.requests) await assertSigned(request, 'xray')
  for (const request of cloudWatch.requests) await assertSigned(request, 'logs')

  const accounts = JSON.parse(stderr) as { name: string; destination: string; created: number; delivered: number }[]
  for (const [name, destination] of [
    ['segments', `${xray.url}/v1/traces`],
    ['log lines', `${cloudWatch.url}/v1/logs › shop › shop-api`],
  ])
    assert.deepEqual(
      accounts.filter((one) => one.name === name).map((one) => [one.destination, one.created, one.delivered]),
      [[destination, 1, 1]],
    )
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  for (const word of [accessKeyId, secretAccessKey, sessionToken, 'AWS4'])
    assert.ok(!headersOf(honeycomb).includes(word))
  for (const aws of [xray, cloudWatch])
    for (const word of [secretAccessKey, 'a-honeycomb-key']) assert.ok(!headersOf(aws).includes(word))
})

test('an API key replaces the signature, and each service gets its own', async (t) => {
  const [honeycomb, xray, cloudWatch] = [await startHoneycomb(), await startAws(t), await startAws(t)]
  t.after(honeycomb.stop)
  const { code, stderr } = await run({
    ...honeycomb.env,
    ...credentialsEnv,
    CLOUDWATCH_LOG_GROUP: 'shop',
    AWS_XRAY_ROAD: 'otlp',
    AWS_XRAY_API_KEY: 'the-key-of-xray',
    AWS_LOGS_ROAD: 'otlp',
    AWS_LOGS_API_KEY: 'the-key-of-logs',
    AWS_ENDPOINT_URL_XRAY: xray.url,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: cloudWatch.url,
  })
  assert.equal(code, 0, stderr)
  for (const [{ requests }, key] of [
    [xray, 'the-key-of-xray'],
    [cloudWatch, 'the-key-of-logs'],
  ] as const) {
    assert.ok(requests.length > 0)
    for (const { headers } of requests) {
      assert.equal(headers.authorization, `Bearer ${key}`)
      assert.deepEqual(
        Object.keys(headers).filter((name) => name.startsWith('x-amz-')),
        [],
      )
    }
  }
  assert.doesNotMatch(headersOf(xray), /the-key-of-logs|AKID/)
  assert.doesNotMatch(headersOf(cloudWatch), /the-key-of-xray|AKID/)
  assert.doesNotMatch(headersOf(honeycomb), /the-key-of|AKID/)
})

test('a redirect does not take a key to another host', async (t) => {
  const elsewhere = await startAws(t)
  const redirecting = createServer((request, response) => {
    request.resume()
    request.once('end', () => response.writeHead(307, { location: `${elsewhere.url}/v1/traces` }).end())
  }).listen(0, '127.0.0.1')
  await once(redirecting, 'listening')
  t.after(() => redirecting.close())
  const url = `http://127.0.0.1:${(redirecting.address() as AddressInfo).port}`
  for (const keys of [credentialsEnv, { AWS_XRAY_API_KEY: 'the-key-of-xray' }]) {
    const env = { AWS_XRAY_ROAD: 'otlp', AWS_ENDPOINT_URL_XRAY: url, OTEL_TRACES_EXPORTER: 'none' }
    const { stderr } = await run({ ...env, ...keys })
    assert.match(stderr, /"http_307":1/)
  }
  assert.deepEqual(elsewhere.requests, [])
})
