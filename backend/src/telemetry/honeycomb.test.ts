import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startHoneycomb } from '@cruddur/vendor-doubles'
import { createDatabase, eventually, startBackend, startCollector } from '../testing.ts'

const key = 'hcaik_of_a_test'

test('starts without waiting for Honeycomb, links when it has answered, and does not trace its requests', async (t) => {
  const vendor = await startHoneycomb({ key, team: 'my-team' })
  t.after(vendor.stop)
  const isAsked = Promise.withResolvers<void>()
  const mayAnswer = Promise.withResolvers<null>()
  vendor.fault = ({ path }) => {
    if (path !== '/1/auth') return null
    isAsked.resolve()
    return mayAnswer.promise
  }
  const [database, collector] = [await createDatabase(), await startCollector()]
  const backend = await startBackend({
    DATABASE_URL: database.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '50',
    HONEYCOMB_API_KEY: key,
    HONEYCOMB_API_ENDPOINT: vendor.url,
    HONEYCOMB_MARKER: 'true',
  })
  const template = async () => {
    const { body } = await backend.call('GET', '/api/trace-link')
    return (body as { template: string | null }).template
  }
  await isAsked.promise
  assert.equal(await template(), null)
  mayAnswer.resolve(null)
  const link = await eventually(template)
  assert.ok(link.startsWith(`${vendor.url}/my-team/environments/test/trace?trace_id={traceId}&`))
  assert.deepEqual(vendor.requests.map(({ path }) => path).sort(), ['/1/auth', '/1/markers/__all__'])
  for (const { headers } of vendor.requests) assert.equal(headers.traceparent, undefined)
  await eventually(() => collector.spans.some(({ name }) => name === 'GET /api/trace-link'))
  assert.deepEqual(
    collector.spans.filter(({ attributes }) => String(attributes['url.full']).startsWith(vendor.url)),
    [],
  )
  assert.doesNotMatch(backend.output(), new RegExp(key))
})
