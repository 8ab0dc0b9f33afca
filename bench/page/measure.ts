import { setTimeout as delay } from 'node:timers/promises'
import type { Browser, BrowserContext, CDPSession, Locator, Page } from 'playwright-core'
import { shuffled } from '../statistics.ts'
import type { Site } from './site.ts'

/** Some SDKs send nothing from a browser whose name says that it is a robot. */
const userAgent = (browser: Browser) =>
  `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${browser.version()} Safari/537.36`

/** Lighthouse's network for desktops. */
const network = { offline: false, latency: 40, downloadThroughput: 1.28e6, uploadThroughput: 1.28e6 }

/** Longer than the queues of OpenTelemetry, Sentry and Honeycomb, which send every five seconds. */
const settleMs = 6_000
/** One click a second and page: Elastic's limit is 80 events a minute, and Datadog joins clicks that are closer than 1 s. */
const turnMs = 1_200
/** The shortest duration that Chromium reports for an event. */
const shortestEventMs = 16

export type Visit = {
  readonly site: Site
  readonly context: BrowserContext
  readonly page: Page
  readonly session: CDPSession
}

export const open = async (browser: Browser, site: Site): Promise<Visit> => {
  const context = await browser.newContext({ userAgent: userAgent(browser) })
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  // CPU of the page's thread. The default is time on the clock, which counts other processes, too.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  return { site, context, page, session }
}

/** Leaves the page, so that it sends what is queued. */
export const leave = async ({ page, context }: Visit): Promise<void> => {
  await page.goto('about:blank')
  await delay(300)
  await context.close()
}

export const load = async ({ page, site }: Visit): Promise<void> => {
  const unanswered = new Set<string>()
  page.on('request', (request) => unanswered.add(request.url()))
  page.on('response', (response) => unanswered.delete(response.url()))
  try {
    await page.goto(site.url, { waitUntil: 'load' })
  } catch (error) {
    throw new Error(`${site.arm.name} does not load. Without an answer: ${[...unanswered].join(', ')}`, {
      cause: error,
    })
  }
  await delay(400)
}

const most = 8
/** For tasks that mostly wait, and whose time is not measured. */
export const atOnce = async (sites: readonly Site[], work: (site: Site) => Promise<void>): Promise<void> => {
  const left = [...sites]
  const next = async () => {
    for (let site = left.shift(); site; site = left.shift()) await work(site)
  }
  await Promise.all(Array.from({ length: most }, next))
}

const scriptMs = async ({ session }: Visit): Promise<number> => {
  const { metrics } = await session.send('Performance.getMetrics')
  return 1e3 * (metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? Number.NaN)
}

const heapMb = async ({ session }: Visit): Promise<number> => {
  await session.send('HeapProfiler.collectGarbage')
  return (await session.send('Runtime.getHeapUsage')).usedSize / 1e6
}

const largestPaintMs = ({ page }: Visit): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) =>
        new PerformanceObserver((list) => resolve(list.getEntries().at(-1)?.startTime ?? Number.NaN)).observe({
          type: 'largest-contentful-paint',
          buffered: true,
        }),
      ),
  )

export type LoadSample = { readonly scriptMs: number; readonly heapMb: number; readonly largestPaintMs: number }
export type Round<Sample> = Record<string, Sample>

/** The first visits of a browser are slower. What they send does not count. */
export const warmUp = async (browser: Browser, sites: readonly Site[]): Promise<void> => {
  for (const site of shuffled(sites).slice(0, 2)) {
    const visit = await open(browser, site)
    await load(visit)
    await leave(visit)
  }
  await delay(1_000)
  for (const site of sites) site.take()
}

/** While one page settles, the next ones load. */
export const measureLoads = async (
  browser: Browser,
  sites: readonly Site[],
  rounds: number,
): Promise<Round<LoadSample>[]> => {
  const measured: Round<LoadSample>[] = Array.from({ length: rounds }, () => ({}))
  const leaving: Promise<void>[] = []
  const settling: { visit: Visit; round: Round<LoadSample>; since: number }[] = []
  const finish = async () => {
    const next = settling.shift()
    if (!next) return
    await delay(Math.max(0, next.since + settleMs - performance.now()))
    const { visit, round } = next
    const sample = {
      scriptMs: await scriptMs(visit),
      heapMb: await heapMb(visit),
      largestPaintMs: await largestPaintMs(visit),
    }
    round[visit.site.arm.name] = sample
    leaving.push(leave(visit))
  }
  for (const round of measured) {
    for (const site of shuffled(sites)) {
      const visit = await open(browser, site)
      await visit.session.send('Network.enable')
      await visit.session.send('Network.emulateNetworkConditions', network)
      await load(visit)
      settling.push({ visit, round, since: performance.now() })
      if (performance.now() - (settling[0]?.since ?? 0) > settleMs) await finish()
    }
  }
  while (settling.length > 0) await finish()
  await Promise.all(leaving)
  return measured
}

/** Keeps how long each click took, if it took long enough for the browser to report it. */
const watchClicks = () => {
  const slowest = new Map<number, number>()
  Object.assign(globalThis, { durationsOfClicks: slowest })
  new PerformanceObserver((list) => {
    for (const { interactionId, duration } of list.getEntries() as PerformanceEventTiming[])
      if (interactionId) slowest.set(interactionId, Math.max(duration, slowest.get(interactionId) ?? 0))
  }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit)
}

/** Where to click, found once: to find it again would run Playwright's own script in the page. */
export const placeOf = async (button: Locator): Promise<{ x: number; y: number }> => {
  await button.scrollIntoViewIfNeeded()
  const box = await button.boundingBox()
  if (!box) throw new Error('The button is not visible.')
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

export type Clicks = {
  /** Of one click. */
  readonly scriptMs: Round<number>
  /** Of clicks while the CPU is slowed four times: from the press to the next paint, in steps of 8 ms. */
  readonly durations: Record<string, number[]>
  readonly acts: number
}

/** The pages are clicked in turn, so a click's late work runs while others are clicked. */
export const measureClicks = async (
  browser: Browser,
  sites: readonly Site[],
  { clicks, slowed }: { clicks: number; slowed: number },
): Promise<Clicks> => {
  const places: { visit: Visit; x: number; y: number }[] = []
  await atOnce(sites, async (site) => {
    const visit = await open(browser, site)
    await load(visit)
    await site.prepare(visit.page)
    places.push({ visit, ...(await placeOf(site.button(visit.page))) })
  })
  const click = async ({ visit, x, y }: (typeof places)[number]) => {
    const answered = visit.page.waitForResponse((response) => visit.site.asks.click.test(response.url()))
    await visit.page.mouse.click(x, y)
    await answered
  }
  /** Only the page that is clicked is slowed: the others would take the CPU from it. */
  const clickSlowly = async (place: (typeof places)[number]) => {
    const { session } = place.visit
    await session.send('Emulation.setCPUThrottlingRate', { rate: 4 })
    await click(place)
    await delay(100)
    await session.send('Emulation.setCPUThrottlingRate', { rate: 1 })
  }
  const clickAll = async () => {
    const startedAt = performance.now()
    for (const place of shuffled(places)) await click(place)
    await delay(Math.max(0, startedAt + turnMs - performance.now()))
  }
  const readAll = async () => {
    const read: Round<number> = {}
    for (const { visit } of places) read[visit.site.arm.name] = await scriptMs(visit)
    return read
  }
  await clickAll()
  await delay(settleMs)
  for (const { visit } of places) visit.site.take()

  const before = await readAll()
  for (let time = 0; time < clicks; time++) await clickAll()
  await delay(settleMs)
  const after = await readAll()
  const perClick = Object.entries(after).map(([name, ms]) => [name, (ms - (before[name] ?? 0)) / clicks])

  const durations: Record<string, number[]> = {}
  for (const { visit } of places) await visit.page.evaluate(watchClicks)
  for (let time = 0; time < slowed; time++) for (const place of shuffled(places)) await clickSlowly(place)
  for (const { visit } of places) {
    const reported = await visit.page.evaluate(() => [
      ...(Reflect.get(globalThis, 'durationsOfClicks') as Map<number, number>).values(),
    ])
    const short = Array.from({ length: Math.max(0, slowed - reported.length) }, () => shortestEventMs)
    durations[visit.site.arm.name] = [...reported, ...short]
  }
  // OpenTelemetry's fetch spans end 300 ms after the answer.
  await delay(1_000)
  await Promise.all(places.map(({ visit }) => leave(visit)))
  return { scriptMs: Object.fromEntries(perClick), durations, acts: clicks + slowed }
}
