// npm run bench    measures what telemetry costs the page: without it, with zone.js, and with compiled context
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

/** Bytes of the JavaScript heap of a page that has loaded. */
const heapOf = async (browser: Browser, product: Product): Promise<number> => {
  const page = await browser.newPage()
  const session = await page.context().newCDPSession(page)
  await page.goto(product.url, { waitUntil: 'networkidle' })
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  await page.close()
  return usedSize
}

const median = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const arms = ['without', 'zone', 'compiled'] as const
type Arm = (typeof arms)[number]
const inEachArm = async <Value>(make: (arm: Arm) => Value | Promise<Value>): Promise<Record<Arm, Value>> => {
  const made = {} as Record<Arm, Value>
  for (const arm of arms) made[arm] = await make(arm)
  return made
}
const contextOf = (arm: Arm): Record<string, string> => (arm === 'compiled' ? { PAGE_CONTEXT: arm } : {})

const bytes = await inEachArm(async (arm) => {
  const env = { ...cleanEnvironment(), ...contextOf(arm) }
  const folder = await buildPage(env, arm === 'without' ? withoutTelemetry : [])
  const sizes = bytesOf(folder)
  rmSync(folder, { recursive: true })
  return sizes
})

const collector = await startCollector()
const products = await inEachArm((arm) =>
  startProduct({
    page: arm === 'without' ? 'without-telemetry' : 'built',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...contextOf(arm) },
  }),
)
const browser = await launchBrowser()
const [load, click, heap] = [
  await inEachArm((): number[] => []),
  await inEachArm((): number[] => []),
  await inEachArm((): number[] => []),
]
await inEachArm((arm) => loadCost(browser, products[arm]))
for (let time = 0; time < loads; time++)
  await inEachArm(async (arm) => load[arm].push(await loadCost(browser, products[arm])))
for (let round = 0; round < rounds; round++)
  await inEachArm(async (arm) => heap[arm].push(await heapOf(browser, products[arm])))
const pages = await inEachArm((arm) => openFeed(browser, products[arm].url))
await inEachArm((arm) => actAs(pages[arm], 'Worf'))
for (let round = 0; round < rounds; round++)
  await inEachArm(async (arm) => click[arm].push(await clickCost(pages[arm])))
await browser.close()
await inEachArm((arm) => products[arm].stop())
await collector.stop()

const row = (name: string, unit: string, figureOf: (arm: Arm) => number, digits = 1): void => {
  const base = figureOf('without')
  const cells = arms.map((arm) => {
    const value = figureOf(arm)
    return arm === 'without' ? value.toFixed(digits) : `${value.toFixed(digits)} (+${(value - base).toFixed(digits)})`
  })
  console.log(`| ${name}, ${unit} | ${cells.join(' | ')} |`)
}
console.log(`| | ${arms.join(' | ')} |\n| --- | --- | --- | --- |`)
row('scripts before first paint, gzip', 'kB', (arm) => bytes[arm].critical.gzip / 1e3)
row('scripts before first paint, brotli', 'kB', (arm) => bytes[arm].critical.brotli / 1e3)
row('all scripts, gzip', 'kB', (arm) => bytes[arm].all.gzip / 1e3)
row('all scripts, brotli', 'kB', (arm) => bytes[arm].all.brotli / 1e3)
row(`script time of a load (median of ${loads})`, 'ms', (arm) => median(load[arm]))
row(`script time of a like (median of ${rounds} × ${clicks})`, 'ms', (arm) => median(click[arm]), 2)
row(`heap after a load (median of ${rounds})`, 'MB', (arm) => median(heap[arm]) / 1e6, 2)
