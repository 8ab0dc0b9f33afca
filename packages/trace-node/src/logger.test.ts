import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { createLog, createWarn, logRequest } from './logger.ts'

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
const tracer = new TracerProvider().getTracer('test')

const about = { service: 'cruddur-backend', environment: 'test' }
const stream = () => {
  const written: string[] = []
  const to = new Writable({
    write: (chunk, _encoding, done) => {
      written.push(String(chunk))
      done()
    },
  })
  return { written, to }
}
const logTo = (options: { readable?: boolean } = {}) => {
  const { written, to: stdout } = stream()
  return { written, log: createLog({ ...about, stdout, ...options }) }
}
const warnTo = (options: { readable?: boolean } = {}) => {
  const { written, to: stderr } = stream()
  return { written, warn: createWarn({ ...about, stderr, ...options }) }
}

test('adds the ids of the span to a line, with its user and route', () => {
  const { written, log } = logTo()
  const span = tracer.startSpan('GET /api/activities/home', {
    attributes: { 'app.user_id': 'user-1', 'http.route': '/api/activities/home', 'app.rollbar_uuid': 'item-1' },
  })
  context.with(trace.setSpan(context.active(), span), () => log.info('the home feed was read', { result_length: 3 }))
  const { traceId, spanId } = span.spanContext()
  const { timestamp, ...line } = JSON.parse(written[0] ?? '')
  assert.ok(Date.parse(timestamp) > 0)
  assert.deepEqual(line, {
    level: 'info',
    message: 'the home feed was read',
    trace_id: traceId,
    span_id: spanId,
    trace_flags: '01',
    xray_trace_id: `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`,
    service: 'cruddur-backend',
    env: 'test',
    user_id: 'user-1',
    route: '/api/activities/home',
    rollbar_uuid: 'item-1',
    result_length: 3,
  })
})

test('writes a line outside of any trace without ids', () => {
  const { written, log } = logTo()
  log.error('')
  const { message, level, trace_id } = JSON.parse(written[0] ?? '')
  assert.deepEqual({ message, level, trace_id }, { message: '(nothing)', level: 'error', trace_id: undefined })
})

test('writes a warning as JSON, or unchanged when the log is readable', () => {
  const [json, readable] = [warnTo(), warnTo({ readable: true })]
  for (const { warn } of [json, readable]) warn('spans → https://vendor/: 1 failed attempt\u2028')
  const { timestamp, ...line } = JSON.parse(json.written.join(''))
  assert.ok(Date.parse(timestamp) > 0)
  assert.deepEqual(line, {
    level: 'warn',
    message: 'spans → https://vendor/: 1 failed attempt\u2028',
    service: 'cruddur-backend',
    env: 'test',
  })
  assert.match(json.written.join(''), /^[^\n\u2028]*\n$/)
  assert.deepEqual(readable.written, ['spans → https://vendor/: 1 failed attempt\u2028\n'])
})

test('shows the error in a readable line: its message and the first lines of its stack', () => {
  const { written, log } = logTo({ readable: true })
  const error = new TypeError('the feed broke: password=canary\nsecond line\u001b[31m')
  log.error('a request failed', { error: error.stack ?? '' })
  const [first, message, secondLine, frame, ...rest] = written.join('').trimEnd().split('\n')
  assert.match(first ?? '', /^\d\d:\d\d:\d\d\.\d{3} ERROR a request failed$/)
  assert.equal(message, '    TypeError: the feed broke: password=[secret]')
  assert.equal(secondLine, '    second line\\u001b[31m')
  assert.match(frame ?? '', /^ {8}at .*logger\.test\.ts:\d+/)
  assert.ok(rest.length <= 5)
})

test('writes a readable line even when a field cannot be JSON', () => {
  const { written, log } = logTo({ readable: true })
  log.info('counted', { count: 1n as unknown as number })
  assert.match(written[0] ?? '', /counted/)
})

test('lets control characters forge neither a line nor a colour', () => {
  for (const readable of [false, true]) {
    const { written, log } = logTo({ readable })
    log.warn('a\r\n{"level":"info"}\u001b[31m\u0085\u2028\u007f')
    const text = written.join('')
    assert.equal(text.match(/\n/g)?.length, 1)
    assert.doesNotMatch(text.slice(0, -1), /[\p{Cc}\u2028]/u)
    if (!readable) assert.match(JSON.parse(text).message, /^a\r\n/)
  }
})

test('writes a request as one line, without the values of its query', () => {
  const { written, log } = logTo()
  logRequest(log, {
    at: new Date('2026-11-20T22:47:59Z'),
    remoteAddress: '127.0.0.1',
    method: 'GET',
    scheme: 'http',
    url: '/api/activities/home?limit=20&after=canary1&mail=canary2@example.com#canary3',
    status: 200,
    durationMs: 12.345,
    route: '/api/activities/home',
    ids: { trace_id: 'a'.repeat(32) },
  })
  assert.doesNotMatch(written.join(''), /canary/)
  const line = JSON.parse(written[0] ?? '')
  assert.equal(line.message, '[2026-Nov-20 22:47] 127.0.0.1 GET http /api/activities/home?limit=20&after=…&mail=… 200')
  assert.equal(line.duration_ms, 12.3)
  assert.equal(line.trace_id, 'a'.repeat(32))
})

test('writes no secret', () => {
  const { written, log } = logTo()
  log.error('a request failed', {
    error:
      'error: Key (mail)=(canary1) exists\n  password=canary2, Authorization: Bearer canary3 at /x?token=canary4 by canary5@example.com',
  })
  assert.doesNotMatch(written.join(''), /canary/)
})
