import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { drawTrace } from '@cruddur/expect-trace'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from './browser.ts'
import type { CollectedSpan } from './collector.ts'
import { runOn } from './database.ts'
import { eventually } from './eventually.ts'
import { actAs, likeButtonOf, openFeed } from './feed.ts'
import { type FourVendors, startFourVendors, untilAllIsSampled } from './four-vendors.ts'
import { type Product, startProduct } from './product.ts'
import { faultsOf } from './trace.ts'

let vendors: FourVendors
let product: Product
let browser: Browser
let page: Page

before(async () => {
  vendors = await startFourVendors()
  product = await startProduct({ env: vendors.env })
  await untilAllIsSampled(vendors, product.backendUrl)
  browser = await launchBrowser()
  page = await openFeed(browser, product.url)
  await actAs(page, 'Worf')
})

after(async () => {
  await browser?.close()
  await product?.stop()
  await vendors?.stop()
})

const xrayIdOf = (traceId: string): string => `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`

/** The JSON lines that the backend wrote to stdout. */
const linesOnStdout = (): Record<string, unknown>[] =>
  product
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))

const isBackends = ({ service, kind }: CollectedSpan): boolean => service === 'cruddur-backend' && kind === 'server'

/** What each vendor received about the failed click. */
const everywhere = async (traceId: string, click: string) => {
  const spans = () => vendors.honeycomb.spans.filter((span) => span.traceId === traceId)
  await eventually(() => spans().some(({ name }) => name === click) && spans().some(isBackends))
  const nodes = () => vendors.nodes().filter((node) => node.traceId === xrayIdOf(traceId))
  // The assertions say what is missing.
  await eventually(() => spans().every((span) => nodes().some(({ id }) => id === span.spanId))).catch(() => {})
  const items = await eventually(() => {
    const found = vendors.items.filter(({ custom }) => custom.trace_id === traceId)
    return found.length > 0 && found
  })
  const ofTrace = (lines: readonly { [field: string]: unknown }[]) => lines.filter((line) => line.trace_id === traceId)
  await eventually(() => ofTrace(vendors.lines()).length >= 2)
  return { spans: spans(), nodes: nodes(), items, lines: ofTrace(vendors.lines()), stdout: ofTrace(linesOnStdout()) }
}

const assertOneId = async (traceId: string, { click, path }: { click: string; path: string }): Promise<void> => {
  const { spans, nodes, items, lines, stdout } = await everywhere(traceId, click)
  const server = spans.find(isBackends)
  assert.ok(server)
  assert.equal(server.status, 'error')
  assert.deepEqual(
    [...new Set(spans.map(({ service }) => service))].sort(),
    ['cruddur-backend', 'cruddur-frontend', 'cruddur-frontend-server'],
    drawTrace(spans),
  )
  assert.deepEqual(
    nodes.map(({ id }) => id).sort(),
    spans.map(({ spanId }) => spanId).sort(),
    'each span is a segment or a subsegment, under its own id',
  )
  assert.equal(nodes.find(({ id }) => id === server.spanId)?.document.fault, true)

  assert.equal(items.length, 1, 'one fault is one item')
  const [item] = items
  assert.equal(item?.custom.xray_trace_id, xrayIdOf(traceId))
  assert.ok(spans.some(({ spanId }) => spanId === item?.custom.span_id))
  assert.equal(server.attributes['app.rollbar_uuid'], item?.uuid)

  for (const [where, told] of Object.entries({ CloudWatch: lines, stdout })) {
    const failure = told.find(({ level }) => level === 'error')
    assert.equal(failure?.rollbar_uuid, item?.uuid, where)
    const request = told.find((line) => line.path === path)
    assert.equal(request?.status, 500, where)
    for (const line of told) {
      assert.equal(line.xray_trace_id, xrayIdOf(traceId), where)
      assert.ok(spans.some(({ spanId }) => spanId === line.span_id))
    }
  }
  assert.deepEqual(stdout, lines, 'CloudWatch has what stdout has')
}

test('a like that fails without its table has one id in the page, Honeycomb, X-Ray, Rollbar and CloudWatch', async () => {
  await runOn(product.databaseUrl, 'ALTER TABLE likes RENAME TO likes_elsewhere')
  const posted = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/like'))
  try {
    await likeButtonOf(page, 'Garek').click()
    const toast = page.getByRole('region', { name: 'Your last action', exact: true })
    await toast.locator('.toast-sentence', { hasText: 'Could not like' }).waitFor()
    const traceId = String(await toast.locator('code').textContent())
    assert.match(traceId, /^[0-9a-f]{32}$/)
    const path = new URL((await posted).url()).pathname
    await assertOneId(traceId, { click: 'click like', path })
    const spans = vendors.honeycomb.spans.filter((span) => span.traceId === traceId)
    assert.deepEqual(faultsOf(spans), [], drawTrace(spans))
  } finally {
    await runOn(product.databaseUrl, 'ALTER TABLE likes_elsewhere RENAME TO likes')
  }
})

test('once the table is back, the same like works and is no fault at any vendor', async () => {
  const before = vendors.items.length
  await likeButtonOf(page, 'Garek').click()
  const spans = await vendors.honeycomb.waitFor((all) =>
    all.some(({ name, attributes }) => name === 'activity.like' && attributes['app.changed'] === true),
  )
  const liked = spans.find(({ name, attributes }) => name === 'activity.like' && attributes['app.changed'] === true)
  const nodes = await eventually(() => {
    const found = vendors.nodes().filter(({ traceId }) => traceId === xrayIdOf(String(liked?.traceId)))
    return found.some(({ id }) => id === liked?.spanId) && found
  })
  assert.deepEqual(
    nodes.filter(({ document }) => document.fault || document.error),
    [],
  )
  assert.equal(vendors.items.length, before)
})

test('the button that breaks the server has one id everywhere, too', async () => {
  await page.getByRole('button', { name: 'Signals' }).click()
  await page.getByRole('button', { name: 'Break the server' }).click()
  const traceId = String(await page.locator('.break-outcome .reference code').textContent())
  await assertOneId(traceId, { click: 'click break the server', path: '/rollbar/test' })
})
