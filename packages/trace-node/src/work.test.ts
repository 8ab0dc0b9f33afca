// Counts expensive operations instead of timing them: a second request must not repeat what the first one found out.
import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { context, SpanKind, trace } from '@opentelemetry/api'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { createLog, logRequest } from './logger.ts'
import { scrubText } from './scrub.ts'
import { summaryOf } from './spans/sql-names.ts'
import { documentsOf } from './vendors/xray-document.ts'

/** How often `work` runs a regular expression, and how often it writes JSON. */
const counted = (work: () => unknown) => {
  const { exec } = RegExp.prototype
  const { stringify } = JSON
  const counts = { patterns: 0, json: 0 }
  RegExp.prototype.exec = function (text) {
    counts.patterns++
    return exec.call(this, text)
  }
  JSON.stringify = ((value: unknown) => {
    counts.json++
    return stringify(value)
  }) as typeof stringify
  try {
    work()
  } finally {
    RegExp.prototype.exec = exec
    JSON.stringify = stringify
  }
  return counts
}

const sql = 'WITH added AS (INSERT INTO likes (user_uuid) SELECT $1 FROM target) SELECT count(*) FROM added'

const tracer = new TracerProvider().getTracer('test')
const requestWithStatements = (statements: number) => {
  const root = tracer.startSpan('GET /api/activities/home', {
    kind: SpanKind.SERVER,
    attributes: { 'http.request.method': 'GET', 'url.path': '/api/activities/home', 'server.address': 'localhost' },
  })
  const spans = Array.from({ length: statements }, () =>
    tracer.startSpan(
      'INSERT likes',
      { kind: SpanKind.CLIENT, attributes: { 'db.system.name': 'postgresql', 'db.query.text': sql, 'app.x': 1 } },
      trace.setSpan(context.active(), root),
    ),
  )
  for (const span of [...spans, root]) span.end()
  return { root, spans } as never as Parameters<typeof documentsOf>[0]
}

test('finds the name of a statement only the first time', () => {
  assert.ok(counted(() => summaryOf(sql)).patterns > 0)
  assert.deepEqual(
    counted(() => summaryOf(sql)),
    { patterns: 0, json: 0 },
  )
})

test('writes a segment with its subsegments as JSON once', () => {
  const naming = { nameOf: () => 'cruddur', rule: 'Default', metadata: { now: 'app.now' } }
  const ended = requestWithStatements(7)
  documentsOf(ended, naming)
  const again = counted(() => documentsOf(ended, naming).map(({ document }) => document.format()))
  assert.equal(again.json, 1)
  // One: the query string is cut from the URL of the request.
  assert.ok(again.patterns <= 1, `${again.patterns} patterns`)
})

test('writes a line once for stdout and all vendors, and looks once at each text in it', () => {
  const lines: string[] = []
  const stdout = new Writable({ write: (chunk, _encoding, done) => done(void lines.push(String(chunk))) })
  const sinks = [(_line: object, json: string) => lines.push(json), (_line: object, json: string) => lines.push(json)]
  const log = createLog({ service: 'cruddur', environment: 'test', stdout, sinks })
  const request = {
    at: new Date(),
    remoteAddress: '127.0.0.1',
    method: 'GET',
    scheme: 'http',
    url: '/api/activities/home',
  }
  const line = () => logRequest(log, { ...request, status: 200, durationMs: 5, route: '/api/activities/home' })
  line()
  lines.length = 0
  const again = counted(line)
  assert.equal(again.json, 1)
  // The message, five texts, the address, and the control characters of the whole line.
  assert.ok(again.patterns <= 8, `${again.patterns} patterns`)
  assert.equal(lines.length, 3)
  assert.equal(new Set(lines.map((text) => text.trim())).size, 1)
})

test('a text that cannot hold a secret is looked at once', () => {
  assert.equal(counted(() => scrubText('the home feed was read')).patterns, 1)
})
