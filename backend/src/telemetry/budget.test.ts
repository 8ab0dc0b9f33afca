// What each kind of request may send. These counts are the cost of a trace: change them on purpose only.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { startVendorDoubles } from '@cruddur/vendor-doubles'
import { type Backend, createDatabase, eventually, startBackend } from '../testing.ts'

let vendors: Awaited<ReturnType<typeof startVendorDoubles>>
let backend: Backend

before(async () => {
  vendors = await startVendorDoubles()
  const database = await createDatabase()
  backend = await startBackend({
    ...vendors.env,
    DATABASE_URL: database.url,
    DEMO_PEOPLE: 'true',
    LOG_FORMAT: 'json',
    OTEL_BSP_SCHEDULE_DELAY: '100',
    AWS_EC2_METADATA_DISABLED: 'true',
  })
})

after(() => vendors.stop())

const bytesOfSpans = () =>
  vendors.honeycomb.requests.filter(({ path }) => path === '/v1/traces').reduce((sum, { body }) => sum + body.length, 0)

const kinds = {
  'a home feed': { method: 'GET', path: '/api/activities/home', spans: 9, statements: 3, lines: 2 },
  'a profile': { method: 'GET', path: '/api/activities/@andrewbrown', spans: 11, statements: 4, lines: 1 },
  'a like': { method: 'POST', path: 'like', spans: 7, statements: 2, lines: 1 },
} as const

for (const [kind, { method, path, ...budget }] of Object.entries(kinds)) {
  test(`the budget of ${kind}: ${budget.spans} spans, ${budget.statements} statements, ${budget.lines} log lines`, async () => {
    const garek = await backend.actAs('garek')
    const { body } = await garek('GET', '/api/activities/home')
    const [first] = (body as { activities: { uuid: string; handle: string }[] }).activities
    const traceId = randomBytes(16).toString('hex')
    const url = path === 'like' ? `/api/activities/${first?.uuid}/like` : path
    const { status } = await garek(method, url, { headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` } })
    assert.equal(status, 200)
    const isOwn = (one: { traceId: string }) => one.traceId === traceId
    await eventually(() => vendors.honeycomb.spans.some((span) => isOwn(span) && span.kind === 'server'))
    const own = vendors.honeycomb.spans.filter(isOwn)
    const names = own.map(({ name }) => name)
    const statements = own.filter(({ attributes }) => 'db.query.text' in attributes)
    assert.deepEqual(
      { spans: own.length, statements: statements.length },
      { spans: budget.spans, statements: budget.statements },
      `${names}`,
    )
    const logged = () => vendors.cloudwatch.lines.filter(({ message }) => message.includes(traceId))
    await eventually(() => logged().length >= budget.lines)
    assert.equal(logged().length, budget.lines)
  })
}

test('a span takes at most 700 bytes at Honeycomb on average', () => {
  const bytes = bytesOfSpans() / vendors.honeycomb.spans.length
  assert.ok(bytes > 100 && bytes <= 700, `${bytes.toFixed(0)} bytes`)
})
