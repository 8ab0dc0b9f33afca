import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { startHoneycomb } from '@cruddur/vendor-doubles'
import { deadlineFor, faults, patienceMs, until } from '../testing.ts'
import { createHoneycomb, type HoneycombOptions, honeycombApiOf, honeycombUiOf } from './honeycomb.ts'

const key = 'hcaik_of_a_test'
const start = async (t: TestContext, options: Partial<HoneycombOptions> = {}, environment = 'test') => {
  const vendor = await startHoneycomb({ key, team: 'my-team', environment })
  const lines: string[] = []
  const say = (line: string) => lines.push(line)
  const times = { timeoutMs: patienceMs, againMs: 20 }
  const honeycomb = createHoneycomb({ api: vendor.url, key, dataset: 'cruddur-backend', say, ...times, ...options })
  t.after(async () => {
    honeycomb.close()
    await vendor.stop()
  })
  return { vendor, honeycomb, lines }
}

test('asks Honeycomb once where it shows the traces of the key', async (t) => {
  const { vendor, honeycomb, lines } = await start(t)
  assert.equal(honeycomb.place(), null)
  await honeycomb.findPlace()
  assert.deepEqual(honeycomb.place(), { ui: vendor.url, team: 'my-team', environment: 'test' })
  honeycomb.place()
  assert.deepEqual(
    vendor.requests.map(({ path, headers }) => [path, headers['x-honeycomb-team'], headers.traceparent]),
    [['/1/auth', key, undefined]],
  )
  assert.deepEqual(lines, [])
})

test('names the dataset for a key of Honeycomb Classic, which has no environment', async (t) => {
  const { vendor, honeycomb } = await start(t, {}, '')
  await honeycomb.findPlace()
  assert.deepEqual(honeycomb.place(), { ui: vendor.url, team: 'my-team', dataset: 'cruddur-backend' })
})

test('marks a deploy with its version', async (t) => {
  const { vendor, honeycomb, lines } = await start(t)
  await honeycomb.markDeploy('shop-api 1.2.3')
  const [request] = vendor.requests
  assert.equal(request?.path, '/1/markers/__all__')
  assert.equal(request?.headers['x-honeycomb-team'], key)
  assert.deepEqual(JSON.parse(String(request?.body)), { message: 'shop-api 1.2.3', type: 'deploy' })
  assert.deepEqual(lines, [])
})

const lasting = new Set(['401'])
for (const [name, fault] of [...faults, ['garbage', 'garbage'] as const]) {
  test(`with ${name}: one line without the key, no link, and another attempt unless the key was refused`, async (t) => {
    const { vendor, honeycomb, lines } = await start(t, { timeoutMs: deadlineFor(fault) })
    vendor.fault = fault
    await honeycomb.findPlace()
    await honeycomb.markDeploy('shop-api 1.2.3')
    assert.equal(honeycomb.place(), null)
    assert.equal(lines.filter((line) => /Cannot link to traces/.test(line)).length, 1, lines.join('\n'))
    assert.equal(lines.filter((line) => /did not accept the marker/.test(line)).length, 1)
    assert.doesNotMatch(lines.join(), new RegExp(key))
    vendor.fault = null
    const asked = vendor.requests.length
    if (lasting.has(name)) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      assert.equal(vendor.requests.length, asked)
    } else await until(() => honeycomb.place() !== null)
    assert.equal(lines.length, 2)
  })
}

test('makes no link from an answer without a team', async (t) => {
  const { vendor, honeycomb, lines } = await start(t)
  vendor.fault = { status: 200, body: '{"team":null}' }
  await honeycomb.findPlace()
  assert.equal(honeycomb.place(), null)
  assert.equal(lines.length, 1)
})

test('does not send the key to where a redirect points', async (t) => {
  const elsewhere = await startHoneycomb()
  t.after(elsewhere.stop)
  const { vendor, honeycomb } = await start(t)
  vendor.fault = { status: 307, headers: { Location: `${elsewhere.url}/1/auth` } }
  await honeycomb.findPlace()
  assert.equal(elsewhere.requests.length, 0)
  assert.equal(honeycomb.place(), null)
})

test('closes at once and asks no more', async (t) => {
  const { vendor, honeycomb, lines } = await start(t)
  vendor.fault = 'hang'
  const asking = honeycomb.findPlace()
  await until(() => vendor.requests.length === 1)
  honeycomb.close()
  await asking
  assert.deepEqual(lines, [])
})

test('takes the region from the endpoint of the spans', () => {
  const us = 'https://api.honeycomb.io'
  const eu = 'https://api.eu1.honeycomb.io'
  assert.equal(honeycombApiOf(undefined, undefined), us)
  assert.equal(honeycombApiOf(undefined, `${eu}/v1/traces`), eu)
  assert.equal(honeycombApiOf(undefined, 'http://collector:4318'), us)
  assert.equal(honeycombApiOf(undefined, 'https://api.honeycomb.io.evil.example'), us)
  assert.equal(honeycombApiOf(`${eu}/`, us), eu)
  assert.equal(honeycombUiOf(us), 'https://ui.honeycomb.io')
  assert.equal(honeycombUiOf(eu), 'https://ui.eu1.honeycomb.io')
})
