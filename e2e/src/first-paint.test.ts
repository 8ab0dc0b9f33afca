import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { serviceName } from '@cruddur/shared/service-name'
import { browserAttr } from '@cruddur/wire/names'
import type { Page } from 'playwright-core'
import { axeFaultsOf } from './axe.ts'
import { eventually } from './eventually.ts'
import { startStage } from './stage.ts'

const sizes = { 'on a desktop': { width: 1280, height: 800 }, 'on a phone': { width: 390, height: 844 } }
const pages = { 'the feed': '/', 'a profile': '/@worf' }
/** What the shell and the page both have. Not all of them are on every page. */
const places =
  '.brand, .bar-item:not(.rail-only, .not-phone), .crud-button, .account-nobody, .page-head, .page-head *, .tabs, .tab, ' +
  '.composer, .composer-nobody, .composer-text, .feed, .skeleton, .skeleton .bone, .search-box, .last-actions, ' +
  '.trends, .trend-bone, .suggested, .line-bone, .aside h2'

const { browser, product, collector } = await startStage()

type Options = {
  javaScriptEnabled?: boolean
  viewport?: { width: number; height: number }
  colorScheme?: 'light' | 'dark'
}

const openTab = async (options: Options = {}): Promise<Page> => {
  const page = await browser.newPage({ reducedMotion: 'reduce', ...options })
  await page.addInitScript(() => {
    const shifts: number[] = []
    Object.assign(globalThis, { shifts })
    const note = (list: PerformanceObserverEntryList) =>
      shifts.push(...list.getEntries().map((entry) => (entry as PerformanceEntry & { value: number }).value))
    new PerformanceObserver(note).observe({ type: 'layout-shift', buffered: true })
  })
  return page
}

const addressOf = (path: string): string => `${product.url}${path}`

/** Holds the requests back until the returned function is called. */
const hold = async (page: Page, pattern: RegExp): Promise<() => void> => {
  const gate = Promise.withResolvers<void>()
  await page.route(pattern, async (route) => {
    await gate.promise
    await route.continue()
  })
  return gate.resolve
}

const open = async (page: Page, path: string): Promise<void> => {
  await page.goto(addressOf(path), { waitUntil: 'commit' })
}

const isPainted = (page: Page) => () =>
  page.evaluate(() => performance.getEntriesByName('first-contentful-paint').length > 0)

const boxesOf = (page: Page): Promise<[name: string, box: string][]> =>
  page.evaluate((places) => {
    const visible = [...document.querySelectorAll(`#root :is(${places})`)].filter((one) => one.checkVisibility())
    const round = ({ x, y, width, height }: DOMRect) => [x, y, width, height].map((n) => n.toFixed(1)).join(' ')
    return visible
      .filter((one) => one.getBoundingClientRect().width > 1)
      .map((one) => [one.classList.item(0) ?? one.localName, round(one.getBoundingClientRect())])
  }, places)

for (const [size, viewport] of Object.entries(sizes))
  for (const [name, path] of Object.entries(pages))
    for (const colorScheme of ['light', 'dark'] as const)
      test(`${name} in ${colorScheme} ${size} is painted before its scripts come, and nothing moves after that`, async (t) => {
        const page = await openTab({ viewport, colorScheme })
        t.after(() => page.close())
        const [sendScripts, sendAnswers] = [await hold(page, /\/assets\/.*\.js$/), await hold(page, /\/api\//)]
        await open(page, path)
        await eventually(isPainted(page))
        assert.equal(await page.getByRole('navigation').count(), 0)
        const shell = await boxesOf(page)
        assert.ok(shell.length > 12, `${shell.length} places`)
        assert.deepEqual(await axeFaultsOf(page, ['wcag2a', 'wcag2aa']), [])

        sendScripts()
        await page.getByRole('navigation', { name: 'Main' }).waitFor()
        await page.locator('main .skeleton').first().waitFor()
        assert.deepEqual(await boxesOf(page), shell)
        assert.equal(await page.locator('#root > [aria-busy], [inert]').count(), 0)
        assert.equal(await page.getByRole('main').count(), 1)

        sendAnswers()
        await page.getByRole('article').first().waitFor()
        const shifts = await page.evaluate(() => (globalThis as unknown as { shifts: number[] }).shifts)
        assert.deepEqual(shifts, [])
      })

for (const [size, viewport] of Object.entries(sizes))
  test(`a visitor without JavaScript ${size} sees the brand, the reason below it, and no promise of more`, async (t) => {
    const page = await openTab({ javaScriptEnabled: false, viewport })
    t.after(() => page.close())
    await page.goto(addressOf('/'))
    const [brand, reason] = [await page.locator('.brand').boundingBox(), await page.locator('noscript p').boundingBox()]
    assert.ok(brand && reason && reason.y >= brand.y + brand.height && reason.y < 200, JSON.stringify(reason))
    for (const hidden of ['.skeleton', '.bar-item', '.composer'])
      assert.equal(await page.locator(hidden).first().isVisible(), false, hidden)
  })

test('the chosen theme is there at the first paint', async (t) => {
  const page = await openTab({ colorScheme: 'light' })
  t.after(() => page.close())
  await page.goto(addressOf('/licenses.txt'))
  await page.evaluate(() => localStorage.setItem('theme', 'dark'))
  await hold(page, /\/assets\/.*\.js$/)
  await open(page, '/')
  await eventually(isPainted(page))
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor), 'rgb(14, 8, 24)')
})

describe('the first requests of the feed', () => {
  const first = /\/api\/(session|activities\/home)/
  const sent: { url: string; traceparent: string }[] = []

  let page: Page

  before(async () => {
    page = await openTab()
    page.on('request', (request) => {
      if (first.test(request.url()))
        sent.push({ url: new URL(request.url()).pathname, traceparent: request.headers().traceparent ?? '' })
    })
    const sendApplication = await hold(page, /\/assets\/(libraries|index)-.*\.js$/)
    await open(page, '/')
    await eventually(() => sent.length >= 2)
    assert.equal(await page.getByRole('navigation').count(), 0)
    sendApplication()
    await page.getByRole('article').first().waitFor()
  })

  after(() => page.close())

  test('are sent once each, and before the application has come', () => {
    assert.deepEqual(sent.map(({ url }) => url).sort(), ['/api/activities/home', '/api/session'])
  })

  test('are children of the load, up to the statements in the database, and know their page', async () => {
    for (const { url, traceparent } of sent) {
      const [, traceId, spanId] = traceparent.split('-')
      const inTrace = () => collector.spans.filter((span) => span.traceId === traceId)
      await collector.waitFor(
        () =>
          inTrace().some(({ name }) => name === 'load /') &&
          inTrace().some(({ service }) => service === serviceName.backend),
      )
      const request = inTrace().find((span) => span.spanId === spanId)
      const load = inTrace().find(({ name }) => name === 'load /')
      assert.equal(request?.name, `GET ${url}`)
      assert.equal(request?.parentSpanId, load?.spanId)
      assert.equal(request?.attributes[browserAttr.pageRoute], '/')
    }
  })
})
