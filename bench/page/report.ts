import { type Figures, machine, shown, table } from '../report.ts'
import { type Estimate, estimate, median } from '../statistics.ts'
import type { Arm, Kind } from './arms.ts'
import { peerOf } from './build.ts'
import type { Results, Sent } from './main.ts'
import type { LoadSample, Round } from './measure.ts'

type SentBy = { readonly load: Sent; readonly click: Sent }
/** One line of both tables: what an arm costs. `base` is the same page without telemetry. */
type Cost = {
  readonly name: string
  readonly isBase: boolean
  readonly kB: readonly number[]
  readonly heapMb: Estimate
  readonly loadMs: Estimate
  readonly clickMs: Estimate
  readonly largestPaintMs: Estimate
  readonly interactionMs: number
  readonly sent: SentBy
}

/** The base's own figure, and how much more it is in another arm, pair by pair. */
const costOf = (results: Results, name: string, base: string): Cost => {
  const isBase = name === base
  const more = <Sample>(rounds: readonly Round<Sample>[], of: (sample: Sample) => number): Estimate => {
    const figure = (round: Round<Sample>) => of(round[name] as Sample) - (isBase ? 0 : of(round[base] as Sample))
    return estimate(rounds, (some) => median(some.map(figure)))
  }
  const ofLoads = (of: (sample: LoadSample) => number) => more(results.loads, of)
  const sizes = ({ first, all }: Results['arrivals'][string]) => [first.gzip, first.brotli, all.gzip, all.brotli]
  const [own, bare] = [name, base].map((each) => sizes(results.arrivals[each] as Results['arrivals'][string]))
  return {
    name,
    isBase,
    kB: (own ?? []).map((bytes, at) => (bytes - (isBase ? 0 : (bare?.[at] ?? 0))) / 1e3),
    heapMb: ofLoads(({ heapMb }) => heapMb),
    loadMs: ofLoads(({ scriptMs }) => scriptMs),
    clickMs: more(results.clicks.rounds, ({ scriptMs }) => scriptMs),
    largestPaintMs: ofLoads(({ largestPaintMs }) => largestPaintMs),
    interactionMs: median(results.clicks.durations[name] ?? []),
    sent: results.sent[name] as SentBy,
  }
}

const costsOf = (results: Results, arms: readonly Arm[]): Cost[] => {
  const base = arms.find(({ wiring, context }) => !context && !wiring?.startsWith('peers/'))?.name
  return base ? arms.map(({ name }) => costOf(results, name, base)) : []
}

const costTables = (costs: readonly Cost[]): string[] => {
  const signed = (value: number, digits: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`
  const cell = ({ isBase }: Cost, figure: Estimate, digits: number) => {
    const { median: middle, low, high } = figure
    if (isBase) return shown(figure, digits)
    return `${signed(middle, digits)} (${signed(low, digits)} to ${signed(high, digits)})`
  }
  const perAct = ({ acts, requests, bytes }: Sent) => [(requests / acts).toFixed(1), (bytes / acts / 1e3).toFixed(2)]
  return [
    table(
      ['', 'kB before the first paint, gzip', 'brotli', 'kB in a visit, gzip', 'brotli', 'heap after a load, MB'],
      costs.map((cost) => [
        cost.name,
        ...cost.kB.map((kB) => (cost.isBase ? kB.toFixed(1) : signed(kB, 1))),
        cell(cost, cost.heapMb, 2),
      ]),
    ),
    table(
      ['', 'script per load, ms', 'script per click, ms', 'LCP, ms', 'INP on a slow CPU, ms'],
      costs.map((cost) => [
        cost.name,
        cell(cost, cost.loadMs, 1),
        cell(cost, cost.clickMs, 2),
        cell(cost, cost.largestPaintMs, 0),
        cost.interactionMs.toFixed(0),
      ]),
    ),
    table(
      ['', 'requests per load', 'kB sent per load', 'requests per click', 'kB sent per click'],
      costs.map(({ name, sent }) => [name, ...perAct(sent.load), ...perAct(sent.click)]),
    ),
  ]
}

const figuresOf = (costs: readonly Cost[]): Figures =>
  Object.fromEntries(
    costs.flatMap(({ name, heapMb, loadMs, clickMs, largestPaintMs }) => [
      [`${name}: heap, MB`, heapMb],
      [`${name}: script per load, ms`, loadMs],
      [`${name}: script per click, ms`, clickMs],
      [`${name}: LCP, ms`, largestPaintMs],
    ]),
  )

const arrivalsTable = ({ arrivals }: Results, arms: readonly Arm[]): string =>
  table(
    [
      ...['', "header of the click's request", "1 request in its click's trace", '2 each click its own trace'],
      ...["3 load's request in the load's trace", '4 span of the request', '5 error has a trace id'],
      ...["6 error in its click's trace", "7 Rollbar's item, too"],
    ],
    arms.map(({ name }) => {
      const { header, ...of } = arrivals[name] as Results['arrivals'][string]
      return [
        ...[name, header ? `\`${header}\`` : 'none', of.clickAndRequest, of.clicksApart, of.loadAndRequest],
        ...[of.requestSpan, of.errorHasId, of.clickAndError, of.clickAndRollbar],
      ]
    }),
  )

const wiringsTable = (arms: readonly Arm[]): string =>
  table(
    ['', 'wired in', 'packages'],
    arms
      .filter(({ context, packages }) => context || packages)
      .map(({ name, wiring, packages }) => {
        const peers = packages?.map(peerOf).map((peer) => `${peer?.name} ${peer?.version}`)
        return [name, `[${wiring?.split('/').at(-1)}](../bench/page/${wiring})`, peers?.join(', ') ?? 'this repository']
      }),
  )

export const draw = (results: Results, arms: readonly Arm[]): { text: string; figures: Figures } => {
  const minimal = arms.filter(({ page }) => page === 'minimal')
  const [inCruddur, inMinimal] = [
    costsOf(
      results,
      arms.filter(({ page }) => page === 'cruddur'),
    ),
    costsOf(results, minimal),
  ]
  const text = [
    `${machine()}, Chromium ${results.browser}, ${results.loads.length} rounds of loads, ${results.clicks.acts} clicks for each arm. Medians; for all but the first line of a table, of the difference in each round; with 95 % bootstrap intervals.`,
    ...(inCruddur.length > 0 ? ["### Cruddur's page", ...costTables(inCruddur)] : []),
    ...(inMinimal.length > 0 ? ['### Beside others, in a minimal page', ...costTables(inMinimal)] : []),
    ...(minimal.length > 0 ? ['What arrives:', arrivalsTable(results, minimal), wiringsTable(minimal)] : []),
  ].join('\n\n')
  return { text, figures: figuresOf([...inCruddur, ...inMinimal]) }
}

/** What should have arrived and did not. A blind arm is not a fast arm. */
export const complaintsIn = ({ arrivals, sent }: Results, arms: readonly Arm[]): string[] =>
  arms.flatMap(({ name, sends }) => {
    const { load, click } = sent[name] as SentBy
    const missing = ({ acts, arrived }: Sent, kinds: readonly Kind[]) =>
      kinds
        .filter((kind) => sends.includes(kind) && (arrived[kind] ?? 0) < 0.99 * acts)
        .map((kind) => `${arrived[kind] ?? 0} of ${acts} arrived: ${kind}`)
    const all = [
      ...(arrivals[name]?.complaints ?? []),
      ...missing(load, ['load']),
      ...missing(click, ['click', 'request']),
    ]
    return all.map((complaint) => `${name}: ${complaint}`)
  })
