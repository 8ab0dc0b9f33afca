import { type Backend, imbalances, startBackend } from './backend.ts'
import type { Measured } from './load.ts'
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
import { type Fault, faults, startVendors, type VendorName, vendorNames } from './vendors.ts'

type Pair = { readonly p50: number; readonly p99: number; readonly cpu: number }

type Failures = { requests: number; errors: Record<string, number>; different: Record<string, number> }

export type Row = Failures & {
  readonly vendor: VendorName | 'all four'
  readonly fault: Fault | 'no key'
  /** Each faulted phase, divided by the healthy phases before and after. */
  pairs: Pair[]
  rssGrowthMb: number
  mostSockets: number
  linesAMinute: number
  /** null: the vendor was never away. */
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
  readonly whileHealthy: Failures
  /** Each healthy phase, divided by the one before: the noise of the machine. */
  readonly healthyPairs: readonly Pair[]
  readonly healthy: Figures
  readonly otherLines: readonly string[]
}

const ms = { warmUp: 6_000, healthy: 3_000, quick: 3_000, hanging: 6_500, poll: 11_000 }
const hanging: readonly string[] = ['black hole', 'drip']

const lengthOf = (vendor: VendorName, fault: Fault): number => {
  // The sampling rules are fetched every ten seconds.
  if (vendor === 'xray') return fault === 'closed' || fault === 'black hole' ? ms.quick : ms.poll
  return hanging.includes(fault) ? ms.hanging : ms.quick
}

export type MatrixOptions = {
  readonly perSecond: number
  readonly allFourMs: number
  /** After this time, no row begins a second time. */
  readonly cyclesEndAt: number
  readonly cycles: number
  readonly only?: (vendor: string, fault: string) => boolean
  readonly say: (line: string) => void
}

/** Every vendor with every fault, between healthy phases, with one backend from start to end. */
export const runMatrix = async (options: MatrixOptions): Promise<Matrix> => {
  const { say, cycles, only = () => true } = options
  const scene = await openScene({ perSecond: options.perSecond })
  try {
    const run = phasesOf(scene)
    await run.warmUp()
    const rows = vendorNames
      .flatMap((vendor) => faults.map((fault) => emptyRow(vendor, fault)))
      .filter(({ vendor, fault }) => !(vendor === 'xray' && fault === 'bad TLS') && only(vendor, fault))
    for (let cycle = 0; cycle < cycles; cycle++) {
      for (const row of cycle === 0 ? rows : shuffled(rows)) {
        if (cycle > 0 && performance.now() > options.cyclesEndAt) break
        const vendor = row.vendor as VendorName
        const length = lengthOf(vendor, row.fault as Fault)
        if (cycle > 0 && length === ms.poll) continue
        await run.withFault(row, [vendor], row.fault as Fault, length)
        say(`${vendor}, ${row.fault}: ${summaryOf(row)}`)
      }
    }
    const allFour = emptyRow('all four', 'black hole')
    if (only('all four', 'black hole')) {
      rows.push(allFour)
      await run.withFault(allFour, vendorNames, 'black hole', options.allFourMs)
      say(`all four, black hole: ${summaryOf(allFour)}`)
    }
    const settled = await run.settle()
    for (const vendor of vendorNames) {
      const row = emptyRow(vendor, 'no key')
      if (!only(vendor, 'no key')) continue
      rows.push(row)
      await run.withoutKey(row, vendor)
      say(`${vendor}, no key: ${summaryOf(row)}`)
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

const summaryOf = ({ pairs, errors, different, resumedSeconds, rssGrowthMb, mostSockets }: Row): string =>
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

/** Milliseconds and processors. */
type Figures = { readonly p50: number; readonly p99: number; readonly cpu: number }

const phasesOf = (scene: Scene) => {
  const { backend, load, vendors } = scene
  const healthy: Figures[] = []
  const whileHealthy: Failures = { requests: 0, errors: {}, different: {} }
  let last: { phase: Phase; figures: Figures } | undefined
  let number = 0

  // Figures are read after the next phase has begun, so that the load never pauses.
  const measured = async (name: string, length: number, target?: Backend) => {
    const phase = await scene.runPhase(`${++number} ${name}`, length, target)
    return { phase, figures: (to?: Failures) => figuresOf(phase, to) }
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
  const checkBalance = async (row: Row, target = backend) => {
    row.imbalances.push(...imbalances(await target.signals()))
  }

  return {
    warmUp: async () => {
      await scene.runPhase('warm-up', ms.warmUp)
      await measureHealthy()
      scene.forgetMemory()
      await measureHealthy()
    },
    withFault: async (row: Row, names: readonly VendorName[], fault: Fault, length: number) => {
      const first = last ?? (await measureHealthy())
      await vendors.forgetMostSockets()
      const from = performance.now()
      await scene.setFault(names, fault)
      // Each part is about as long as a healthy phase: the p99 of a longer one would show rarer delays.
      const count = Math.max(1, Math.round(length / ms.hanging))
      const faulted = []
      for (let part = 0; part < count; part++) {
        faulted.push(await measured(`${row.vendor}, ${row.fault}`, length / count))
      }
      const back = { name: `${number}, back`, cpu: Number.NaN }
      await load.begin(back.name, backend.target)
      const figures = await Promise.all(faulted.map((part) => part.figures(row)))
      await checkBalance(row)
      await scene.setFault(names, null)
      const resumedSeconds = await scene.resumedSeconds(names)
      row.resumedSeconds = Math.max(row.resumedSeconds ?? 0, resumedSeconds)
      const until = { from, to: performance.now() }
      const after = await measureHealthy()
      await figuresOf(back, row)
      row.pairs.push(...figures.map((one) => ratio(one, first.figures, after.figures)))
      row.mostSockets = Math.max(row.mostSockets, await vendors.mostSockets())
      row.rssGrowthMb = Math.max(row.rssGrowthMb, scene.peakMb(until) - scene.peakMb(first.phase))
      row.linesAMinute = Math.max(row.linesAMinute, mostLinesAMinute(backend, until))
      await checkBalance(row)
    },
    /** A second backend, without a key. The load alternates between the two. */
    withoutKey: async (row: Row, vendor: VendorName) => {
      const own = await startVendors()
      const env = envOf(own.env(), own.authority(), vendor)
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
      row.mostSockets = own.mostSockets()
      row.rssGrowthMb = keyless.rssMb() - firstMb
      row.linesAMinute = mostLinesAMinute(keyless, { from: 0, to: performance.now() })
      await checkBalance(row, keyless)
      await keyless.end()
      await own.end()
    },
    settle: async () => {
      await load.pause()
      await figuresOf(between)
      return { accounts: await scene.settle(), requests: await load.total(), rssMb: rssOf(scene) }
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
        otherLines: backend.stderr.map(({ text }) => text).filter((text) => !/^[\w ]+? → /.test(text)),
      }
    },
  }
}

const rssOf = (scene: Scene): Settled['rssMb'] => {
  const mb = scene.memory()
  return { first: mb[0] ?? 0, last: mb.at(-1) ?? 0, peak: Math.max(...mb) }
}

const add = (row: Failures, { requests, errors, different }: Measured): void => {
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
