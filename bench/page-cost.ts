// npm run bench    builds the page with and without its telemetry, and measures what the telemetry costs
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { launchBrowser } from '../e2e/src/browser.ts'
import { startCollector } from '../e2e/src/collector.ts'
import { actAs, likeButtonOf, openFeed } from '../e2e/src/feed.ts'
import { buildPage, cleanEnvironment, type Product, startProduct, withoutTelemetry } from '../e2e/src/product.ts'

const loads = 15
const clicks = 60
const rounds = 5

const bytesOf = (folder: string): { critical: Sizes; all: Sizes } => {
  const html = readFileSync(join(folder, 'index.html'), 'utf8')
  const scripts = readdirSync(join(folder, 'assets')).filter((name) => name.endsWith('.js'))
  const critical = scripts.filter((name) => html.includes(name))
  return { critical: sum(folder, critical), all: sum(folder, scripts) }
}

type Sizes = { gzip: number; brotli: number }

const sum = (folder: string, names: string[]): Sizes => {
  const contents = names.map((name) => readFileSync(join(folder, 'assets', name)))
  const total = (sizes: number[]) => sizes.reduce((a, b) => a + b, 0)
  return {
    gzip: total(contents.map((bytes) => gzipSync(bytes, { level: 9 }).length)),
    brotli: total(contents.map((bytes) => brotliCompressSync(bytes).length)),
  }
}

const scriptMs = async (session: CDPSession): Promise<number> => {
  const { metrics } = await session.send('Performance.getMetrics')
  return 1e3 * (metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? 0)
}

/** Milliseconds of script from navigation until the network is idle. */
const loadCost = async (browser: Browser, product: Product): Promise<number> => {
  const page = await browser.newPage()
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  await page.goto(product.url, { waitUntil: 'networkidle' })
  await page.getByRole('article').first().waitFor()
  const cost = await scriptMs(session)
  await page.close()
  return cost
}

/** Milliseconds of script for one like, with its request, its answer and its export. */
const clickCost = async (page: Page): Promise<number> => {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  const button = likeButtonOf(page, 'Andrew Brown')
  const before = await scriptMs(session)
  for (let click = 0; click < clicks; click++) {
    const answered = page.waitForResponse((response) => response.url().endsWith('/like'))
    await button.click()
    await answered
  }
  await page.waitForTimeout(2_500)
  const cost = (await scriptMs(session)) - before
  await session.detach()
  return cost / clicks
}

const median = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const row = (name: string, without: number, withIt: number, unit: string, digits = 1): void => {
  const [a, b, difference] = [without, withIt, withIt - without].map((value) => value.toFixed(digits).padStart(9))
  console.log(`${name.padEnd(34)}${a}${b}${difference} ${unit}   × ${(withIt / without).toFixed(2)}`)
}

const folders = {
  without: await buildPage(cleanEnvironment(), withoutTelemetry),
  with: await buildPage(cleanEnvironment()),
}
const bytes = { without: bytesOf(folders.without), with: bytesOf(folders.with) }
for (const folder of Object.values(folders)) rmSync(folder, { recursive: true })

const collector = await startCollector()
const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }
const products = {
  without: await startProduct({ page: 'without-telemetry', env }),
  with: await startProduct({ env }),
}
const browser = await launchBrowser()
const arms = ['without', 'with'] as const
const load: Record<(typeof arms)[number], number[]> = { without: [], with: [] }
const click: typeof load = { without: [], with: [] }
for (const arm of arms) await loadCost(browser, products[arm])
for (let time = 0; time < loads; time++) for (const arm of arms) load[arm].push(await loadCost(browser, products[arm]))
const pages = {
  without: await openFeed(browser, products.without.url),
  with: await openFeed(browser, products.with.url),
}
for (const arm of arms) await actAs(pages[arm], 'Worf')
for (let round = 0; round < rounds; round++) for (const arm of arms) click[arm].push(await clickCost(pages[arm]))
await browser.close()
for (const arm of arms) await products[arm].stop()
await collector.stop()

console.log(`${''.padEnd(34)}  without     with     more`)
row('scripts before first paint, gzip', bytes.without.critical.gzip / 1e3, bytes.with.critical.gzip / 1e3, 'kB')
row('scripts before first paint, brotli', bytes.without.critical.brotli / 1e3, bytes.with.critical.brotli / 1e3, 'kB')
row('all scripts, gzip', bytes.without.all.gzip / 1e3, bytes.with.all.gzip / 1e3, 'kB')
row('all scripts, brotli', bytes.without.all.brotli / 1e3, bytes.with.all.brotli / 1e3, 'kB')
row(`script time of a load (${loads})`, median(load.without), median(load.with), 'ms')
row(`script time of a like (${rounds} × ${clicks})`, median(click.without), median(click.with), 'ms', 2)
