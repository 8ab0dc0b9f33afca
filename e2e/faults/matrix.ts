import { type Backend, imbalances, startBackend } from './backend.ts'
import type { Measured } from './load.ts'
import { startProcess } from './remote.ts'
import {
  type Account,
  countOf,
  envOf,
  median,
  mostLinesAMinute,
  openScene,
  type Phase,
  quantile,
  type Scene,
} from './scene.ts'
import { type Fault, faults, type Mode } from './vendor.ts'
import { type VendorName, type Vendors, vendorNames } from './vendors.ts'

type Pair = { readonly p50: number; readonly p99: number; readonly cpu: number }

type Trouble = { requests: number; errors: Record<string, number>; different: Record<string, number> }

export type Row = Trouble & {
  readonly vendor: VendorName | 'all four'
  readonly fault: Fault | 'no key'
  /** Faulted to healthy; the healthy phases are the ones before and after. */
  pairs: Pair[]
  rssGrowthMb: number
  mostSockets: number
  linesAMinute: number
  /** null: there was nothing to come back. */
  resumedSeconds: number | null
  imbalances: string[]
}

type Settled = {
  readonly accounts: readonly Account[]
  readonly requests: number
  readonly rssMb: { readonly first: number; readonly last: number; readonly peak: number }
}

export type Matrix = Settled & {
  readonly rows: readonly Row[]
  readonly whileHealthy: Trouble
  /** Two healthy phases, one after the other: what the machine alone makes of the same ratio. */
  readonly healthyPairs: readonly Pair[]
  readonly healthy: Figures
  readonly otherLines: readonly string[]
}

const ms = { warmUp: 6_000, healthy: 3_000, quick: 3_000, hanging: 6_500, poll: 11_000 }
const hanging: readonly string[] = ['black hole', 'drip']
// What hangs below a datagram: the rest of the list can only befall the rules, which are asked for every ten seconds.
const befallsDatagrams: readonly string[] = ['closed port', 'black hole']

const lengthOf = (vendor: VendorName, fault: Fault): number => {
  if (vendor === 'xray') return befallsDatagrams.includes(fault) ? ms.quick : ms.poll
  return hanging.includes(fault) ? ms.hanging : ms.quick
}

export type MatrixOptions = {
  readonly perSecond: number
  readonly allFourMs: number
  /** No further row is begun after that, once each has had its turn. */
  readonly cyclesEndAt: number
  readonly cycles: number
  readonly only?: (vendor: string, fault: string) => boolean
  readonly say: (line: string) => void
}

/** Every vendor with every fault, between healthy phases, in one lifetime of the backend. */
export const runMatrix = async (options: MatrixOptions): Promise<Matrix> => {
  const { say, cycles, only = () => true } = options
  const scene = await openScene({ perSecond: options.perSecond })
  try {
    const run = phasesOf(scene)
    await run.warmUp()
    const rows = vendorNames
      .flatMap((vendor) => faults.map((fault) => emptyRow(vendor, fault)))
      .filter(({ vendor, fault }) => !(vendor === 'xray' && fault === 'wrong TLS') && only(vendor, fault))
    for (let cycle = 0; cycle < cycles; cycle++) {
      for (const row of cycle === 0 ? rows : shuffled(rows)) {
        if (cycle > 0 && performance.now() > options.cyclesEndAt) break
        const vendor = row.vendor as VendorName
        const length = lengthOf(vendor, row.fault as Fault)
        if (cycle > 0 && length === ms.poll) continue
        await run.fault(row, [vendor], row.fault as Fault, length)
        say(`${vendor}, ${row.fault}: ${brief(row)}`)
      }
    }
    const allFour = emptyRow('all four', 'black hole')
    if (only('all four', 'black hole')) {
      rows.push(allFour)
      await run.fault(allFour, vendorNames, 'black hole', options.allFourMs)
      say(`all four, black hole: ${brief(allFour)}`)
    }
    const settled = await run.settle()
    for (const vendor of vendorNames) {
      const row = emptyRow(vendor, 'no key')
      if (!only(vendor, 'no key')) continue
      rows.push(row)
      await run.withoutKey(row, vendor)
      say(`${vendor}, no key: ${brief(row)}`)
    }
    return await run.result(rows, settled)
  } finally {
    await scene.close()
  }
}

const emptyRow = (vendor: Row['vendor'], fault: Row['fault']): Row => ({
  vendor,
  fault,
  requests: 0,
  errors: {},
  different: {},
  pairs: [],
  rssGrowthMb: Number.NEGATIVE_INFINITY,
  mostSockets: 0,
  linesAMinute: 0,
  resumedSeconds: null,
  imbalances: [],
})

const brief = ({ pairs, errors, different, resumedSeconds, rssGrowthMb, mostSockets }: Row): string =>
  [
    `p99 × ${median(pairs.map(({ p99 }) => p99)).toFixed(2)}`,
    `cpu × ${median(pairs.map(({ cpu }) => cpu)).toFixed(2)}`,
    `${countOf(errors) + countOf(different)} errors`,
    `${rssGrowthMb.toFixed(0)} MB`,
    `${mostSockets} sockets`,
    resumedSeconds !== null && `back after ${resumedSeconds.toFixed(1)} s`,
  ]
    .filter(Boolean)
    .join(', ')

/** Milliseconds, and processors. */
type Figures = { readonly p50: number; readonly p99: number; readonly cpu: number }

const phasesOf = (scene: Scene) => {
  const { backend, load, vendors } = scene
  const healthy: Figures[] = []
  const whileHealthy: Trouble = { requests: 0, errors: {}, different: {} }
  let last: { phase: Phase; figures: Figures } | undefined
  let number = 0

  // Figures are asked for when the next phase has begun: the load never pauses.
  const measured = async (name: string, length: number, asked?: Backend) => {
    const phase = await scene.during(`${++number} ${name}`, length, asked)
    return { phase, figures: (to?: Trouble) => figuresOf(phase, to) }
  }
  const figuresOf = async ({ name, cpu }: Pick<Phase, 'name' | 'cpu'>, to = whileHealthy): Promise<Figures> => {
    const result = await load.result(name)
    add(to, result)
    return { p50: quantile(result.latencies, 0.5), p99: quantile(result.latencies, 0.99), cpu }
  }
  const between = { name: 'between', cpu: Number.NaN }
  const measureHealthy = async () => {
    const { phase, figures } = await measured('healthy', ms.healthy)
    await load.begin(between.name, backend.target)
    last = { phase, figures: await figures() }
    healthy.push(last.figures)
    return last
  }
  const balance = async (row: Row, asked = backend) => {
    row.imbalances.push(...imbalances(await asked.signals()))
  }

  return {
    warmUp: async () => {
      await scene.during('warm-up', ms.warmUp)
      await measureHealthy()
      scene.forgetMemory()
      await measureHealthy()
    },
    fault: async (row: Row, names: readonly VendorName[], mode: Mode, length: number) => {
      const first = last ?? (await measureHealthy())
      await vendors.forgetPeaks()
      const from = performance.now()
      await scene.behave(names, mode)
      // As long as a healthy phase, more or less: the longer one is, the rarer is what its p99 has to show.
      const count = Math.max(1, Math.round(length / ms.hanging))
      const faulted = []
      for (let part = 0; part < count; part++) {
        faulted.push(await measured(`${row.vendor}, ${row.fault}`, length / count))
      }
      const back = { name: `${number}, back`, cpu: Number.NaN }
      await load.begin(back.name, backend.target)
      const figures = await Promise.all(faulted.map((part) => part.figures(row)))
      await balance(row)
      await scene.behave(names, 'healthy')
      const resumedSeconds = await scene.resumed(names)
      row.resumedSeconds = Math.max(row.resumedSeconds ?? 0, resumedSeconds)
      const until = { from, to: performance.now() }
      const after = await measureHealthy()
      await figuresOf(back, row)
      row.pairs.push(...figures.map((one) => ratio(one, first.figures, after.figures)))
      row.mostSockets = Math.max(row.mostSockets, (await vendors.tally()).all.mostOpen)
      row.rssGrowthMb = Math.max(row.rssGrowthMb, scene.peakMb(until) - scene.peakMb(first.phase))
      row.linesAMinute = Math.max(row.linesAMinute, mostLinesAMinute(backend, until))
      await balance(row)
    },
    /** Beside the one that has all its keys: the load goes to the one, to the other, to the one again. */
    withoutKey: async (row: Row, vendor: VendorName) => {
      const own = await startProcess<Vendors>('vendors-process.ts')
      const env = envOf(await own.env(), await own.authority(), vendor)
      const keyless = await startBackend({ env, databaseUrl: scene.databaseUrl })
      const warmUp = await measured('warm-up', ms.warmUp, keyless)
      const firstMb = keyless.rssMb()
      let first = await measureHealthy()
      await warmUp.figures(row)
      for (let pair = 0; pair < 2; pair++) {
        const faulted = await measured(`${vendor}, no key`, ms.healthy, keyless)
        const after = await measureHealthy()
        row.pairs.push(ratio(await faulted.figures(row), first.figures, after.figures))
        first = after
      }
      row.mostSockets = (await own.tally()).all.mostOpen
      row.rssGrowthMb = keyless.rssMb() - firstMb
      row.linesAMinute = mostLinesAMinute(keyless, { from: 0, to: performance.now() })
      await balance(row, keyless)
      await keyless.end()
      await own.end()
      await own.stop()
    },
    settle: async () => {
      await load.pause()
      await figuresOf(between)
      return { accounts: await scene.settled(), requests: await load.total(), rssMb: rssOf(scene) }
    },
    result: async (rows: readonly Row[], settled: Settled): Promise<Matrix> => {
      await load.pause()
      await figuresOf(between)
      return {
        ...settled,
        rows,
        whileHealthy,
        healthyPairs: healthy.slice(1).map((one, index) => ratio(one, healthy[index] as Figures)),
        healthy: {
          p50: median(healthy.map(({ p50 }) => p50)),
          p99: median(healthy.map(({ p99 }) => p99)),
          cpu: median(healthy.map(({ cpu }) => cpu)),
        },
        otherLines: backend.complaints.map(({ text }) => text).filter((text) => !/^[\w ]+? → /.test(text)),
      }
    },
  }
}

const rssOf = (scene: Scene): Settled['rssMb'] => {
  const mb = scene.memory()
  return { first: mb[0] ?? 0, last: mb.at(-1) ?? 0, peak: Math.max(...mb) }
}

const add = (row: Trouble, { requests, errors, different }: Measured): void => {
  row.requests += requests
  for (const [all, more] of [
    [row.errors, errors],
    [row.different, different],
  ] as const) {
    for (const [what, count] of Object.entries(more)) all[what] = (all[what] ?? 0) + count
  }
}

const ratio = (faulted: Figures, ...healthy: readonly Figures[]): Pair => {
  const to = (value: (one: Figures) => number) => value(faulted) / mean(healthy.map(value))
  return { p50: to(({ p50 }) => p50), p99: to(({ p99 }) => p99), cpu: to(({ cpu }) => cpu) }
}
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

const shuffled = <T>(all: readonly T[]): T[] =>
  all
    .map((one) => ({ one, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ one }) => one)
