// Measures what the signals cost the page, and what its peers cost: see docs/cost.md.
import type { Browser } from 'playwright-core'
import { launchBrowser } from '../../e2e/src/browser.ts'
import { options } from '../options.ts'
import { publish, say } from '../report.ts'
import { arms } from './arms.ts'
import { type Arrivals, arrivalsOf } from './arrivals.ts'
import { installPeers } from './build.ts'
import { atOnce, type Clicks, type LoadSample, measureClicks, measureLoads, type Round, warmUp } from './measure.ts'
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
  readonly sets: readonly { readonly loads: readonly Round<LoadSample>[]; readonly clicks: Clicks }[]
  readonly sent: Readonly<Record<string, { readonly load: Sent; readonly click: Sent }>>
}

const size = options.quick ? { sets: 2, loads: 1, clicks: 2, slowed: 1 } : { sets: 5, loads: 2, clicks: 6, slowed: 2 }
if (options.sets) size.sets = Number(options.sets)
const wanted = options.arms?.split(',').map((name) => name.trim())
const chosen = arms.filter(({ name }) => !wanted || wanted.some((start) => name.startsWith(start)))

const nothing: Sent = { acts: 0, requests: 0, bytes: 0, arrived: {} }

/** Adds what a site has sent since the last call. */
const add = (before: Sent, site: Site, acts: number): Sent => {
  const { requests, bytes, signals } = site.take()
  const arrived: Record<string, number> = { ...before.arrived }
  for (const { kind } of signals) arrived[kind] = (arrived[kind] ?? 0) + 1
  return { acts: before.acts + acts, requests: before.requests + requests, bytes: before.bytes + bytes, arrived }
}

await installPeers()
say('the peers are installed')
const sites: Site[] = []
try {
  for (const arm of chosen) sites.push(await startSite(arm))
  say(`${sites.length} pages are built`)

  const arrivals: Record<string, Arrivals> = {}
  const inBrowser = async <Result>(work: (browser: Browser) => Promise<Result>): Promise<Result> => {
    const browser = await launchBrowser()
    return work(browser).finally(() => browser.close())
  }
  const version = await inBrowser(async (browser) => {
    await atOnce(sites, async (site) => {
      arrivals[site.arm.name] = await arrivalsOf(browser, site)
    })
    return browser.version()
  })
  say('what arrives is known')

  const sent = Object.fromEntries(sites.map(({ arm }) => [arm.name, { load: nothing, click: nothing }]))
  const count = (kind: 'load' | 'click', acts: number) => {
    for (const site of sites) {
      const of = sent[site.arm.name] as Record<typeof kind, Sent>
      of[kind] = add(of[kind], site, acts)
    }
  }
  const sets: Results['sets'][number][] = []
  for (let set = 1; set <= size.sets; set++) {
    await inBrowser(async (browser) => {
      await warmUp(browser, sites)
      const loads = await measureLoads(browser, sites, size.loads)
      count('load', size.loads)
      say(`set ${set}: ${size.loads} loads of each page`)
      const clicks = await measureClicks(browser, sites, size)
      count('click', clicks.acts)
      sets.push({ loads, clicks })
      say(`set ${set}: ${size.clicks} clicks in each, and ${size.slowed} on a slowed CPU`)
    })
  }
  const results: Results = { browser: version, arrivals, sets, sent }
  publish({ name: 'page', ...draw(results, chosen), complaints: complaintsIn(results, chosen) })
} finally {
  await Promise.all(sites.map((site) => site.stop()))
}
