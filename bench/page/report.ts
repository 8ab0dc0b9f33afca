import { type Figures, machine, startFigures, type Timed, table } from '../report.ts'
import { mean, median } from '../statistics.ts'
import type { Arm, Kind } from './arms.ts'
import type { Arrivals } from './arrivals.ts'
import { peerOf } from './build.ts'
import type { Results, Sent } from './main.ts'
import type { LoadSample } from './measure.ts'

type SentBy = Results['sent'][string]
type Ledger = ReturnType<typeof startFigures>

const frameMs = 1e3 / 60

/** The tables of one page. Its first arm has no telemetry. */
const costTables = ({ sets, arrivals, sent }: Results, names: readonly string[], { add, times }: Ledger): string[] => {
  const base = names[0] as string
  const ofLoads = (of: (sample: LoadSample) => number) => (name: string) =>
    sets.map(({ loads }) => median(loads.map((round) => of(round[name] as LoadSample))))
  const scriptOfLoad = ofLoads(({ scriptMs }) => scriptMs)
  const scriptOfClick = (name: string) => sets.map(({ clicks }) => clicks.scriptMs[name] ?? Number.NaN)
  const timed: Timed[] = [
    { title: 'script of a load', of: scriptOfLoad, digits: 1 },
    { title: 'script of a click', of: scriptOfClick, digits: 2 },
    { title: 'LCP, ms', of: ofLoads(({ largestPaintMs }) => largestPaintMs), digits: 0, matters: frameMs },
  ]
  const more = (value: number, digits: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`
  const sizesOf = (name: string) => {
    const { first, all } = arrivals[name] as Arrivals
    return [first.gzip, first.brotli, all.gzip, all.brotli].map((bytes) => bytes / 1e3)
  }
  const kB = (name: string) =>
    sizesOf(name).map((size, at) => (name === base ? size.toFixed(1) : more(size - (sizesOf(base)[at] ?? 0), 1)))
  const heaps = ofLoads(({ heapMb }) => heapMb)
  const heap = (name: string) => {
    if (name === base) return add(`${name}: heap, MB`, heaps(name), 2)
    const differences = heaps(name).map((mb, set) => mb - (heaps(base)[set] ?? Number.NaN))
    return `+${add(`${name}: heap, MB more than ${base}`, differences, 2)}`
  }
  const interaction = (name: string) => median(sets.flatMap(({ clicks }) => clicks.durations[name] ?? []))
  const perAct = ({ acts, requests, bytes }: Sent) => [(requests / acts).toFixed(1), (bytes / acts / 1e3).toFixed(2)]
  return [
    table(
      ['', 'kB before the first paint, gzip', 'brotli', 'kB in a visit, gzip', 'brotli', 'heap after a load, MB'],
      names.map((name) => [name, ...kB(name), heap(name)]),
    ),
    table(
      [
        ...['', 'ms of script per load, in that hour', 'per click', ...timed.map(({ title }) => title)],
        'INP on a slow CPU, ms',
      ],
      names.map((name) => [
        ...[name, mean(scriptOfLoad(name)).toFixed(1), mean(scriptOfClick(name)).toFixed(2)],
        ...[...timed.map((one) => times(name, base, one)), interaction(name).toFixed(0)],
      ]),
    ),
    table(
      ['', 'requests per load', 'kB sent per load', 'requests per click', 'kB sent per click'],
      names.map((name) => [name, ...perAct((sent[name] as SentBy).load), ...perAct((sent[name] as SentBy).click)]),
    ),
  ]
}

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
  const ledger = startFigures()
  const [inCruddur, inMinimal] = (['cruddur', 'minimal'] as const).map((page) =>
    arms.filter((arm) => arm.page === page),
  )
  const tablesOf = (title: string, some: readonly Arm[] = []) =>
    some.length > 0
      ? [
          `### ${title}`,
          ...costTables(
            results,
            some.map(({ name }) => name),
            ledger,
          ),
        ]
      : []
  const { browser, sets } = results
  const acts = sets.reduce((sum, { clicks }) => sum + clicks.acts, 0)
  const text = [
    `${machine()}, Chromium ${browser}, ${sets.length} sets of ${sets[0]?.loads.length} loads, ${acts} clicks for each arm.`,
    ...tablesOf("Cruddur's page", inCruddur),
    ...tablesOf('Beside others, in a minimal page', inMinimal),
    ...(inMinimal?.length ? ['What arrives:', arrivalsTable(results, inMinimal), wiringsTable(inMinimal)] : []),
  ].join('\n\n')
  return { text, figures: ledger.figures }
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
