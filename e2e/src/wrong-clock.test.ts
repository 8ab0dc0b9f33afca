import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import type { CollectedSpan } from './collector.ts'
import { actAs, likeButtonOf } from './feed.ts'
import { startStage } from './stage.ts'

const minuteMs = 60_000
const deployment = 'service.namespace=shop,deployment.environment.name=staging'

const { collector, product, browser } = await startStage({
  env: { OTEL_RESOURCE_ATTRIBUTES: deployment },
})

/** A page on a machine whose clock is ahead. `setClock` changes by how much. */
const openAhead = async (aheadMs: number) => {
  const context = await browser.newContext({ baseURL: product.url })
  await context.addInitScript((ms) => {
    const clock = { aheadMs: ms }
    const { now } = Date
    const { timeOrigin } = performance
    Object.assign(globalThis, { clock })
    Date.now = () => now() + clock.aheadMs
    Object.defineProperty(performance, 'timeOrigin', { get: () => timeOrigin + clock.aheadMs })
  }, aheadMs)
  const page = await context.newPage()
  await page.goto('/')
  await page.getByRole('article').first().waitFor()
  const setClock = (ms: number) =>
    page.evaluate((value) => Object.assign((globalThis as unknown as { clock: object }).clock, { aheadMs: value }), ms)
  return { page, context, setClock }
}

const like = async (page: Page, since: number): Promise<CollectedSpan[]> => {
  await likeButtonOf(page, 'Andrew Brown').click()
  const find = (spans: readonly CollectedSpan[]) =>
    spans.slice(since).find(({ name }) => /^click (un)?like$/.test(name))
  await collector.waitFor((spans) => {
    const root = find(spans)
    return (
      root !== undefined &&
      spans.some(({ service, traceId }) => service === 'cruddur-backend' && traceId === root.traceId)
    )
  })
  return collector.spans.filter(({ traceId }) => traceId === find(collector.spans)?.traceId)
}

for (const minutes of [11, -61]) {
  test(`a page whose clock is ${Math.abs(minutes)} minutes ${minutes > 0 ? 'ahead' : 'behind'} keeps its durations and gets the server's time`, async () => {
    const since = collector.spans.length
    const { page, context } = await openAhead(minutes * minuteMs)
    await actAs(page, 'Worf')
    const spans = await like(page, since)
    const root = spans.find(({ parentSpanId }) => parentSpanId === null)
    const server = spans.find(({ kind, service }) => kind === 'server' && service === 'cruddur-backend')
    const fetch = spans.find(({ kind, service }) => kind === 'client' && service === 'cruddur-frontend')
    assert.ok(root && fetch && server)
    assert.ok(fetch.endMs - fetch.startMs >= server.endMs - server.startMs)
    assert.ok(root.endMs - root.startMs >= fetch.endMs - fetch.startMs)
    assert.ok(Math.abs(fetch.startMs - server.startMs) < minuteMs / 2, `${fetch.startMs - server.startMs} ms apart`)
    for (const span of [root, fetch]) {
      const shift = Number(span.attributes['app.clock_shift_ms'])
      assert.ok(Math.abs(shift + minutes * minuteMs) < minuteMs / 2, `${shift} ms`)
    }
    await context.close()
  })
}

test('a span that waited offline for an hour keeps its true time', async () => {
  const hourMs = 60 * minuteMs
  const { page, context, setClock } = await openAhead(-hourMs)
  await actAs(page, 'Worf')
  await context.setOffline(true)
  const clickedAt = Date.now()
  await page.getByRole('link', { name: 'Notifications' }).first().click()
  const since = collector.spans.length
  await page.waitForURL(/notifications/)
  await setClock(0)
  await context.setOffline(false)
  const isOld = (span: CollectedSpan) =>
    span.service === 'cruddur-frontend' &&
    span.parentSpanId === null &&
    Math.abs(clickedAt - hourMs - span.startMs) < minuteMs
  await collector.waitFor((spans) => spans.slice(since).some(isOld))
  const click = collector.spans.slice(since).find(isOld)
  assert.equal(click?.attributes['app.clock_shift_ms'], undefined)
  assert.ok(click && click.endMs - click.startMs < 30_000)
  await context.close()
})

test('page and backend name the same version, deployment and user', async () => {
  const since = collector.spans.length
  const { page, context } = await openAhead(0)
  await actAs(page, 'Worf')
  const spans = await like(page, since)
  const [ours, theirs] = ['cruddur-frontend', 'cruddur-backend'].map((name) =>
    spans.find(({ service }) => service === name),
  )
  const shared = ['service.version', 'service.namespace', 'deployment.environment.name']
  for (const key of shared) {
    assert.ok(ours?.resource[key], key)
    assert.equal(ours.resource[key], theirs?.resource[key], key)
  }
  assert.equal(ours?.resource['telemetry.sdk.language'], 'webjs')
  assert.equal(theirs?.resource['telemetry.sdk.language'], 'nodejs')
  const users = new Set(
    spans
      .filter(
        ({ kind, service }) => service === 'cruddur-frontend' || (service === 'cruddur-backend' && kind === 'server'),
      )
      .map(({ attributes }) => attributes['user.id']),
  )
  assert.equal(users.size, 1)
  assert.match(String([...users][0]), /^[0-9a-f-]{36}$/)
  for (const { name, dropped } of collector.spans)
    assert.equal(dropped, 0, `the relay drops what the page sets on ${name}`)
  const { version } = (await (await fetch(`${product.backendUrl}/api/health-check`)).json()) as { version: string }
  assert.equal(version, theirs?.resource['service.version'])
  await context.close()
})
