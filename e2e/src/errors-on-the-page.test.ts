import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { drawTrace } from '@cruddur/expect-trace'
import type { Browser, Page, Request } from 'playwright-core'
import { axeFaultsOf } from './axe.ts'
import { launchBrowser } from './browser.ts'
import { type CollectedSpan, type Collector, startCollector } from './collector.ts'
import { eventually } from './eventually.ts'
import { actAs, likeButtonOf, openFeed, openSignals } from './feed.ts'
import { type CollectedItem, type ItemCollector, startItemCollector } from './item-collector.ts'
import { type Product, startProduct } from './product.ts'
import { isOnlySlow } from './trace.ts'
import { untilNoActionIsOpen, untilQuiet } from './trace-check.ts'

const token = 'a-token-of-the-page'
/** Longer than the page waits for an answer to a failure, and longer than between two reads of its signals. */
const longIdleMs = 60_000
const stepMs = 4_000
const clockGrainMs = 2

let collector: Collector
let rollbar: ItemCollector
let product: Product
let browser: Browser

before(async () => {
  collector = await startCollector()
  rollbar = await startItemCollector(token)
  product = await startProduct({
    page: 'built',
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      VITE_ROLLBAR_ACCESS_TOKEN: token,
      VITE_ROLLBAR_ENDPOINT: rollbar.endpoint,
      VITE_ROLLBAR_ENVIRONMENT: 'staging',
      SERVICE_VERSION: 'the-version',
    },
  })
  browser = await launchBrowser()
})

after(async () => {
  await browser?.close()
  await product?.stop()
  await rollbar?.stop()
  await collector?.stop()
})

const breaking = (page: Page, what: string): Promise<void> =>
  page.getByRole('button', { name: `Break ${what}` }).click()

const itemsOf = (traceId: string | undefined): CollectedItem[] =>
  rollbar.items.filter(({ custom }) => custom.trace_id === traceId)

const now = (): number => Date.now() - clockGrainMs

/** The complete trace of that click, which must be the only one that began since then. */
const traceOf = async (name: string, since: number): Promise<CollectedSpan[]> => {
  const begun = () => collector.spans.filter(({ startMs }) => startMs >= since)
  await collector.waitFor(() => begun().some((span) => span.name === name))
  await untilQuiet(collector)
  const roots = begun().filter((span) => span.parentSpanId === null && !isOnlySlow(span, collector.spans))
  assert.deepEqual(
    roots.map((root) => root.name),
    [name],
    'one click is one trace',
  )
  return collector.spans.filter(({ traceId }) => traceId === roots[0]?.traceId)
}

/** A page whose load has been exported. */
const openRestingFeed = async ({ hasClock = false } = {}): Promise<Page> => {
  const since = collector.spans.length
  const page = await browser.newPage()
  if (hasClock) await page.clock.install()
  await page.goto(product.url)
  await page.getByRole('article').first().waitFor()
  await collector.waitFor((spans) => spans.slice(since).some(({ name }) => name.startsWith('load')))
  return page
}

/**
 * Lets time pass in a page with a clock of its own, in steps that are shorter than the timeout of a request: otherwise the
 * page would send a batch again whose answer is on its way.
 */
const timeOf = (page: Page): ((ms: number) => Promise<void>) => {
  const open = new Set<Request>()
  page.on('request', (request) => request.method() === 'POST' && open.add(request))
  page.on('requestfinished', (request) => open.delete(request))
  page.on('requestfailed', (request) => open.delete(request))
  return async (ms) => {
    for (let passed = 0; passed < ms; passed += stepMs) {
      await page.clock.runFor(stepMs)
      await eventually(() => open.size === 0)
    }
  }
}

const exceptionOf = (trace: CollectedSpan[]): CollectedSpan | undefined =>
  trace.find(({ name }) => name === 'exception')

test('a render error is one item in the trace of the click, and the page shows its reference', async () => {
  const page = await openRestingFeed()
  await actAs(page, 'Worf')
  await openSignals(page)
  await untilNoActionIsOpen(page)
  const [since, items] = [now(), rollbar.items.length]
  await breaking(page, 'this page')
  await page.getByRole('heading', { name: 'This page broke' }).waitFor()

  const trace = await traceOf('click break this page', since)
  const [click] = trace.filter(({ parentSpanId }) => parentSpanId === null)
  const exception = exceptionOf(trace)
  assert.equal(exception?.parentSpanId, click?.spanId, drawTrace(trace))
  assert.equal(exception?.status, 'error')

  await rollbar.waitFor((all) => all.length > items)
  assert.equal(rollbar.items.length, items + 1)
  const [item] = itemsOf(click?.traceId)
  assert.ok(item, JSON.stringify(rollbar.items.at(-1)?.custom))
  assert.equal(item.body.trace?.exception.message, 'This page was broken on purpose.')
  assert.ok(item.body.trace?.frames.some(({ filename }) => filename.includes('/assets/')))
  assert.equal(item.custom.fault, 'render')
  assert.equal(item.custom.span_id, exception?.spanId)
  assert.equal(item.custom.session_id, click?.attributes['session.id'])
  assert.match(String(item.custom.component_stack), /\bat /)
  assert.deepEqual(item.person, { id: click?.attributes['app.user_id'] })
  assert.equal(item.client.javascript.code_version, 'the-version')
  assert.equal(item.environment, 'staging')
  assert.equal(item.context, '/')

  assert.equal(await page.getByRole('main').locator('code').textContent(), click?.traceId)
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('article').first().waitFor()
  await page.close()
})

test('an unhandled rejection is one item in the trace of the click', async () => {
  const page = await openRestingFeed()
  const refusals: string[] = []
  page.on('console', (line) => line.text().startsWith('Refused to') && refusals.push(line.text()))
  await openSignals(page)
  await untilNoActionIsOpen(page)
  const [since, items] = [now(), rollbar.items.length]
  await breaking(page, 'a promise')
  const reference = await page.getByRole('dialog').locator('code').textContent()

  const trace = await traceOf('click break a promise', since)
  assert.equal(trace[0]?.traceId, reference)
  await rollbar.waitFor((all) => all.length > items)
  assert.equal(rollbar.items.length, items + 1)
  const [item] = itemsOf(reference ?? '')
  assert.equal(item?.custom.fault, 'unhandled rejection')
  assert.equal(item?.custom.span_id, exceptionOf(trace)?.spanId)
  await page.getByText('1 created · 1 delivered', { exact: true }).waitFor()
  assert.deepEqual(refusals, [])
  await page.close()
})

test('the server reports its own error, and the page shows the reference of that trace', async () => {
  const page = await openRestingFeed()
  await openSignals(page)
  await untilNoActionIsOpen(page)
  const [since, items] = [now(), rollbar.items.length]
  await breaking(page, 'the server')
  const reference = await page.getByRole('dialog').locator('code').textContent()
  const trace = await traceOf('click break the server', since)
  assert.equal(trace[0]?.traceId, reference)
  assert.ok(
    trace.some(({ service, status }) => service === 'cruddur-backend' && status === 'error'),
    drawTrace(trace),
  )
  assert.equal(rollbar.items.length, items)
  await page.close()
})

test('an item carries the clicks and requests before the error, without the page’s telemetry requests', async () => {
  const page = await openRestingFeed()
  await actAs(page, 'Worf')
  const since = collector.spans.length
  await likeButtonOf(page, 'Andrew Brown').click()
  await page.getByRole('textbox').first().pressSequentially('More keys than breadcrumbs are kept.')
  await openSignals(page)
  // The page has sent telemetry since the like.
  await collector.waitFor((spans) => spans.slice(since).some(({ name }) => name === 'click like'))
  const items = rollbar.items.length
  await breaking(page, 'a promise')
  await rollbar.waitFor((all) => all.length > items)
  const before = rollbar.items.at(-1)?.body.telemetry ?? []
  assert.ok(before.some(({ type, body }) => type === 'manual' && body.message === 'click like'))
  assert.ok(before.some(({ type, body }) => type === 'network' && body.url === '/api/activities/:uuid/like'))
  assert.doesNotMatch(JSON.stringify(before), /relay|api\/1\/item|health-check/)
  assert.doesNotMatch(JSON.stringify(before), /"(keydown|input) /, 'no key that was typed')
  await page.close()
})

test('no typed text, query string, mail address or token is in an item or a span', async () => {
  const page = await browser.newPage()
  await page.goto(`${product.url}/?q=canary-query#canary-fragment`)
  await page.getByRole('article').first().waitFor()
  const items = rollbar.items.length
  await page.evaluate(() => {
    const input = document.createElement('input')
    document.querySelector('main')?.append(input)
  })
  await page.locator('main input').fill('canary-typed')
  await page.evaluate(() => {
    console.log('canary-console')
    history.pushState({}, '', '/?q=canary-pushed')
    globalThis.setTimeout(() => {
      throw new Error(
        'GET https://cruddur.test/a?token=canary-token by canary-mail@cruddur.test with Bearer canary-bearer, password: canary-password at /search?q=canary-relative',
      )
    })
  })
  await rollbar.waitFor((all) => all.length > items)
  const item = rollbar.items.at(-1)
  assert.equal(item?.custom.fault, 'uncaught')
  assert.match(String(item?.body.trace?.exception.message), /^GET https:\/\/cruddur\.test\/a/)
  assert.equal(item?.request.url, `${product.url}/`)
  await collector.waitFor((spans) => spans.some(({ traceId }) => traceId === item?.custom.trace_id))
  await untilQuiet(collector)
  const canary = /canary-[a-z]+/g
  assert.deepEqual(String(rollbar.requests.at(-1)?.body).match(canary), null)
  assert.deepEqual(JSON.stringify(collector.spans).match(canary), null)
  await page.close()
})

test('an error before the page is ready is reported in the trace of the load', async () => {
  const items = rollbar.items.length
  const page = await browser.newPage()
  await page.addInitScript(() => {
    addEventListener('DOMContentLoaded', () => {
      throw new Error('This was early.')
    })
  })
  await page.goto(product.url)
  await rollbar.waitFor((all) => all.length > items)
  const item = rollbar.items.at(-1)
  assert.equal(item?.body.trace?.exception.message, 'This was early.')
  const load = await collector.waitFor((spans) =>
    spans.some(({ name, traceId }) => name === 'load /' && traceId === item?.custom.trace_id),
  )
  assert.ok(load)
  await page.close()
})

test('an idle page sends nothing: neither signal reports the requests of the other', async () => {
  const page = await openRestingFeed({ hasClock: true })
  const pass = timeOf(page)
  await openSignals(page)
  const since = collector.spans.length
  await breaking(page, 'a promise')
  await page.getByText('1 created · 1 delivered', { exact: true }).waitFor()
  // Each answer starts the timer of the next request, so time passes in several rounds.
  const hasArrived = () => collector.spans.slice(since).some(({ name }) => name === 'click break a promise')
  for (let round = 0; round < 2; round++) await pass(longIdleMs)
  await eventually(async () => {
    await pass(longIdleMs)
    return hasArrived()
  })
  await untilQuiet(collector)
  const posts: string[] = []
  page.on('request', (request) => request.method() === 'POST' && posts.push(request.url()))
  const spans = collector.spans.length
  await pass(longIdleMs)
  await untilQuiet(collector)
  const late = collector.spans.slice(spans).map(({ service, name }) => `${service}: ${name}`)
  assert.deepEqual({ posts, late }, { posts: [], late: [] })
  await page.close()
})

describe('with Rollbar', () => {
  test('blocked, the page works and does not retry forever', async () => {
    const page = await browser.newPage()
    await page.clock.install()
    const pageErrors: string[] = []
    page.on('pageerror', ({ message }) => pageErrors.push(message))
    let posts = 0
    await page.route('**/api/1/item/**', (route) => {
      posts += 1
      return route.abort('blockedbyclient')
    })
    await page.route('**/assets/reports-*', (route) => route.continue())
    await page.goto(product.url)
    await page.getByRole('article').first().waitFor()
    await actAs(page, 'Garek')
    await openSignals(page)
    await breaking(page, 'a promise')
    await page.getByText('The promise broke.').waitFor()
    await page.getByText('1 created · 0 delivered · 1 dropped (1 unreachable)').waitFor()
    await page.clock.runFor(longIdleMs)
    assert.equal(posts, 1)
    assert.deepEqual(pageErrors, ['This promise was broken on purpose.'])
    await page.keyboard.press('Escape')
    await likeButtonOf(page, 'Andrew Brown').click()
    await page
      .getByText(/^Liked/)
      .first()
      .waitFor()
    await page.close()
  })

  test("'s code blocked, the page works and counts what it dropped", async () => {
    const page = await browser.newPage()
    await page.route('**/assets/reports-*', (route) => route.abort('blockedbyclient'))
    await page.goto(product.url)
    await page.getByRole('article').first().waitFor()
    await openSignals(page)
    await breaking(page, 'this page')
    await page.getByRole('heading', { name: 'This page broke' }).waitFor()
    await openSignals(page)
    await page.getByText('1 created · 0 delivered · 1 dropped (1 blocked)').waitFor()
    await page.close()
  })
})

for (const [width, colorScheme] of [
  [1440, 'dark'],
  [390, 'light'],
] as const)
  test(`axe finds nothing wrong with the signals and a broken page, ${colorScheme}, ${width} wide`, async () => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme })
    const page = await context.newPage()
    await page.goto(product.url)
    await page.getByRole('article').first().waitFor()
    await openSignals(page)
    await breaking(page, 'a promise')
    await page.getByText('The promise broke.').waitFor()
    assert.deepEqual(await axeFaultsOf(page), [])
    await breaking(page, 'this page')
    await page.getByRole('main').getByRole('heading', { name: 'This page broke' }).waitFor()
    assert.deepEqual(await axeFaultsOf(page), [])
    await context.close()
  })

test('without a token the page recovers from errors and reports nothing', async () => {
  const items = rollbar.items.length
  const untold = await startProduct({
    page: 'built',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, VITE_ROLLBAR_ENDPOINT: rollbar.endpoint },
  })
  try {
    const page = await openFeed(browser, untold.url)
    await openSignals(page)
    await page.getByText('VITE_ROLLBAR_ACCESS_TOKEN was not set when the page was built').waitFor()
    await breaking(page, 'this page')
    await page.getByRole('heading', { name: 'This page broke' }).waitFor()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('article').first().waitFor()
    assert.equal(rollbar.items.length, items)
  } finally {
    await untold.stop()
  }
})

test('an error is one item and one span under StrictMode, too', async () => {
  const dev = await startProduct({
    page: 'dev',
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      VITE_ROLLBAR_ACCESS_TOKEN: token,
      VITE_ROLLBAR_ENDPOINT: rollbar.endpoint,
    },
  })
  try {
    const page = await openFeed(browser, dev.url)
    await openSignals(page)
    const [since, items] = [now(), rollbar.items.length]
    await breaking(page, 'this page')
    await rollbar.waitFor((all) => all.length > items)
    const exceptions = () => collector.spans.filter(({ name, startMs }) => name === 'exception' && startMs >= since)
    await collector.waitFor(() => exceptions().length > 0)
    await untilQuiet(collector)
    assert.equal(rollbar.items.length, items + 1)
    assert.equal(exceptions().length, 1)
    await page.close()
  } finally {
    await dev.stop()
  }
})
