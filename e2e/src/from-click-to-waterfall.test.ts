import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { createObservatory } from '../../observatory/src/observatory.ts'
import { axeFaultsOf } from './axe.ts'
import { launchBrowser } from './browser.ts'
import { actAs, likeButtonOf } from './feed.ts'
import { type Product, startProduct } from './product.ts'

const observatory = createObservatory()
let observatoryUrl: string
let product: Product
let browser: Browser
let context: BrowserContext
let feed: Page
let waterfall: Page

before(async () => {
  await once(observatory.server.listen(0, '127.0.0.1'), 'listening')
  observatoryUrl = `http://localhost:${(observatory.server.address() as AddressInfo).port}`
  product = await startProduct({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: observatoryUrl,
      TRACE_LINK_TEMPLATE: `${observatoryUrl}/traces/{traceId}?span={spanId}`,
    },
  })
  browser = await launchBrowser()
  context = await browser.newContext()
  feed = await context.newPage()
  await feed.goto(product.url)
  await actAs(feed, 'Worf')
})

after(async () => {
  await browser?.close()
  await product?.stop()
  await observatory.close()
})

test('after a like the page shows its times and links to its trace', async () => {
  await likeButtonOf(feed, 'Andrew Brown').click()
  const chip = feed.getByRole('region', { name: 'Your last action' })
  await chip.getByText(/^Liked · [\d.]+\sm?s — network [\d.]+ · server [\d.]+/).waitFor()

  const opened = context.waitForEvent('page')
  await chip.getByRole('link', { name: /^see the trace/i }).click()
  waterfall = await opened
  assert.match(waterfall.url(), new RegExp(`^${observatoryUrl}/traces/[0-9a-f]{32}`))
})

test('the link leads to the waterfall of that click, down to the SQL statement', async () => {
  const tree = waterfall.getByRole('tree')
  for (const name of ['click like', 'POST /api/activities/:uuid/like', 'activity.like', 'INSERT likes'])
    await tree
      .getByRole('treeitem', { name: new RegExp(name.replaceAll('/', '\\/')) })
      .first()
      .waitFor()
  await tree.getByRole('treeitem', { name: /INSERT likes/ }).click()
  await waterfall
    .getByText(/INSERT INTO likes/i)
    .first()
    .waitFor()

  const traceId = /traces\/([0-9a-f]{32})/.exec(waterfall.url())?.[1]
  const answer = await fetch(`${observatoryUrl}/api/traces/${traceId}`)
  const trace = (await answer.json()) as {
    spans: { service: string }[]
    segments: []
    items: []
    logs: []
    findings: []
  }
  assert.deepEqual(
    new Set(trace.spans.map(({ service }) => service)),
    new Set(['cruddur-frontend', 'cruddur-frontend-server', 'cruddur-backend']),
  )
})

test('arrow keys move through the waterfall', async () => {
  const tree = waterfall.getByRole('tree')
  const here = () =>
    tree.evaluate((it) => document.getElementById(it.getAttribute('aria-activedescendant') ?? '')?.textContent ?? '')
  await tree.focus()
  await waterfall.keyboard.press('Home')
  assert.match(await here(), /click like/)
  await waterfall.keyboard.press('ArrowDown')
  assert.match(await here(), /POST \/api\/activities\/:uuid\/like/)
  await waterfall.keyboard.press('Enter')
  await waterfall.getByRole('complementary', { name: /POST \/api\/activities\/:uuid\/like/ }).waitFor()
  await waterfall.keyboard.press('ArrowLeft')
  assert.equal(await tree.getByRole('treeitem').count(), 2, 'closed below the request')
  await waterfall.keyboard.press('ArrowRight')
  await tree.getByRole('treeitem', { name: /INSERT likes/ }).waitFor()
})

test('a downloaded trace opens again from its file', async () => {
  const downloading = waterfall.waitForEvent('download')
  await waterfall.getByRole('link', { name: 'Download JSON' }).click()
  const file = await (await downloading).path()
  const { pathname } = new URL(waterfall.url())
  await fetch(`${observatoryUrl}/api/traces`, { method: 'DELETE' })
  assert.equal((await fetch(`${observatoryUrl}/api${pathname}`)).status, 404)

  const list = await context.newPage()
  await list.goto(observatoryUrl)
  await list.getByLabel('Open a file').setInputFiles(file)
  await list.getByRole('treeitem', { name: /INSERT likes/ }).waitFor()
  assert.equal(new URL(list.url()).pathname, pathname)
  await list.close()
})

const looks = [
  { width: 1440, height: 900, colorScheme: 'dark' },
  { width: 1440, height: 900, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'dark' },
  { width: 390, height: 844, colorScheme: 'light' },
] as const

for (const { width, height, colorScheme } of looks) {
  test(`axe finds nothing wrong with feed, recent traces and waterfall, ${colorScheme}, ${width} wide`, async () => {
    const open = await browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion: 'reduce' })
    const page = await open.newPage()
    for (const [url, landmark] of [
      [product.url, page.getByRole('article').first()],
      [observatoryUrl, page.getByText(/click like/).first()],
      [waterfall.url(), page.getByRole('treeitem').first()],
    ] as const) {
      await page.goto(url)
      await landmark.waitFor()
      assert.deepEqual(await axeFaultsOf(page), [], url)
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      assert.ok(overflow <= 0, `${url} is ${overflow}px wider than the screen`)
    }
    await open.close()
  })
}
