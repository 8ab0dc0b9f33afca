// Measures what the signals cost the page, and what its peers cost: see docs/cost.md.
import { launchBrowser } from '../../e2e/src/browser.ts'
import { options } from '../options.ts'
import { publish } from '../report.ts'
import { arms } from './arms.ts'
import { type Arrivals, arrivalsOf } from './arrivals.ts'
import { installPeers } from './build.ts'
import { type Clicks, type LoadSample, measureClicks, measureLoads, type Round } from './measure.ts'
import { complaintsIn, draw } from './report.ts'
import { type Site, startSite } from './site.ts'

/** What reached the sink from a number of loads or clicks. */
export type Sent = {
  readonly acts: number
  readonly requests: number
  readonly bytes: number
  /** By kind of signal. */
  readonly arrived: Readonly<Record<string, number>>
}
export type Results = {
  readonly browser: string
  readonly arrivals: Readonly<Record<string, Arrivals>>
  readonly loads: readonly Round<LoadSample>[]
  readonly clicks: Clicks
  readonly sent: Readonly<Record<string, { readonly load: Sent; readonly click: Sent }>>
}

const size = options.quick ? { rounds: 3, perRound: 3, slowed: 2 } : { rounds: 10, perRound: 4, slowed: 6 }
const wanted = options.arms?.split(',').map((name) => name.trim())
const chosen = arms.filter(({ name }) => !wanted || wanted.some((start) => name.startsWith(start)))
/** These visits wait most of the time. */
const atOnce = 8

const startedAt = performance.now()
const say = (line: string) =>
  void process.stderr.write(`${((performance.now() - startedAt) / 1e3).toFixed(0).padStart(5)} s  ${line}\n`)

const countSent = (site: Site, acts: number): Sent => {
  const { requests, bytes, signals } = site.take()
  const arrived: Record<string, number> = {}
  for (const { kind } of signals) arrived[kind] = (arrived[kind] ?? 0) + 1
  return { acts, requests, bytes, arrived }
}

const byName = <Value>(sites: readonly Site[], of: (site: Site) => Value): Record<string, Value> =>
  Object.fromEntries(sites.map((site) => [site.arm.name, of(site)]))

await installPeers()
say('the peers are installed')
const sites: Site[] = []
const browser = await launchBrowser()
try {
  for (const arm of chosen) sites.push(await startSite(arm))
  say(`${sites.length} pages are built`)

  const arrivals: Record<string, Arrivals> = {}
  const left = [...sites]
  const lookAt = async () => {
    for (let site = left.shift(); site; site = left.shift()) arrivals[site.arm.name] = await arrivalsOf(browser, site)
  }
  await Promise.all(Array.from({ length: atOnce }, lookAt))
  say('what arrives is known')

  const loads = await measureLoads(browser, sites, size.rounds)
  const ofLoads = byName(sites, (site) => countSent(site, size.rounds + 1))
  say(`${size.rounds} rounds of loads`)
  const clicks = await measureClicks(browser, sites, size)
  const ofClicks = byName(sites, (site) => countSent(site, clicks.acts))
  say(`${size.rounds} rounds of ${size.perRound} clicks, and ${size.slowed} on a slowed CPU`)

  const results: Results = {
    browser: browser.version(),
    arrivals,
    loads,
    clicks,
    sent: byName(sites, ({ arm }) => ({ load: ofLoads[arm.name] as Sent, click: ofClicks[arm.name] as Sent })),
  }
  publish({ name: 'page', ...draw(results, chosen), complaints: complaintsIn(results, chosen) })
} finally {
  await browser.close()
  await Promise.all(sites.map((site) => site.stop()))
}
