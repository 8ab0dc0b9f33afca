import { setTimeout as delay } from 'node:timers/promises'
import { createDatabase } from '../src/database.ts'
import { type Backend, lostOf, startBackend } from './backend.ts'
import type { Load } from './load.ts'
import { startProcess } from './remote.ts'
import type { Mode } from './vendor.ts'
import { type VendorName, type Vendors, vendorNames } from './vendors.ts'

export type Scene = Awaited<ReturnType<typeof openScene>>

const sampleEveryMs = 200
/** As it is set in production, Rollbar would get five of our faults a minute and have nothing to fail at. */
const manyFaults = { ROLLBAR_ITEMS_PER_MINUTE: '60000' }
/** All of the load comes from one address, and its likes from one user: otherwise most of it would be refused. */
const muchLoad = { REQUESTS_PER_MINUTE: '600000', WRITES_PER_MINUTE: '600000' }

/** One backend, its database, its four vendors and its users: each a process of its own. */
export const openScene = async ({ perSecond, folder }: { perSecond: number; folder?: string }) => {
  const database = await createDatabase()
  const vendors = await startProcess<Vendors>('vendors-process.ts')
  const load = await startProcess<Load>('load-process.ts', [String(perSecond)])
  const addresses = await vendors.env()
  const authority = await vendors.authority()
  const backend = await startBackend({
    env: envOf(addresses, authority),
    databaseUrl: database.url,
    ...(folder && { folder }),
  }).catch(async (error: unknown) => {
    await Promise.all([vendors.stop(), load.stop(), database.drop()])
    throw error
  })
  let memory: { at: number; mb: number }[] = []
  const sampler = setInterval(() => {
    if (backend.isAlive()) memory.push({ at: performance.now(), mb: backend.rssMb() })
  }, sampleEveryMs)

  return {
    backend,
    vendors,
    load,
    databaseUrl: database.url,
    behave: async (names: readonly VendorName[], mode: Mode): Promise<void> => {
      await Promise.all(names.map((name) => vendors.behave(name, mode)))
    },
    /** Load for so long, counted under this name. */
    during: async (name: string, ms: number, asked: Backend = backend): Promise<Phase> => {
      const [from, cpuMs] = [performance.now(), asked.cpuMs()]
      await load.begin(name, asked.target)
      await delay(ms)
      const to = performance.now()
      return { name, from, to, cpu: (asked.cpuMs() - cpuMs) / (to - from) }
    },
    peakMb: ({ from, to }: Pick<Phase, 'from' | 'to'>): number =>
      Math.max(...memory.filter(({ at }) => at >= from && at <= to).map(({ mb }) => mb)),
    memory: () => memory.map(({ mb }) => mb),
    forgetMemory: () => {
      memory = []
    },
    /** Seconds until the last of these vendors has been given something again. */
    resumed: async (names: readonly VendorName[], withinMs = 60_000): Promise<number> => {
      for (const endsAt = performance.now() + withinMs; performance.now() < endsAt; await delay(50)) {
        const tally = await vendors.tally()
        const after = names.map((name) => tally[name].resumedAfterMs ?? Number.POSITIVE_INFINITY)
        if (Math.max(...after) < Number.POSITIVE_INFINITY) return Math.max(...after) / 1_000
      }
      return Number.POSITIVE_INFINITY
    },
    /** Without load, until nothing is queued: what each signal says, and what the vendors say that they took in. */
    settled: async (withinMs = 60_000) => {
      await load.pause()
      for (const endsAt = performance.now() + withinMs; performance.now() < endsAt; await delay(100)) {
        const signals = await backend.signals()
        if (signals.every(({ queued }) => queued === 0)) break
      }
      return accountsOf(backend, await vendors.tally())
    },
    close: async (): Promise<void> => {
      clearInterval(sampler)
      await load.pause()
      if (backend.isAlive()) await backend.end()
      await vendors.end()
      await Promise.all([vendors.stop(), load.stop()])
      await database.drop()
    },
  }
}

export type Phase = {
  readonly name: string
  readonly from: number
  readonly to: number
  /** Processors in use: as requests come at a fixed rate, what each of them costs. */
  readonly cpu: number
}

export const envOf = (
  addresses: Record<VendorName, Record<string, string>>,
  authority: string,
  without?: VendorName,
): Record<string, string> => ({
  ...manyFaults,
  ...muchLoad,
  NODE_EXTRA_CA_CERTS: authority,
  ...Object.assign({}, ...vendorNames.filter((name) => name !== without).map((name) => addresses[name])),
  ...(without && keyless(addresses[without])),
})

// The place stays, the key is missing. Where there is no key, its place decides: without it the signal is off.
const keyless = (addresses: Record<string, string>): Record<string, string> => {
  const { OTEL_EXPORTER_OTLP_ENDPOINT, ROLLBAR_ENDPOINT } = addresses
  return {
    ...(OTEL_EXPORTER_OTLP_ENDPOINT && { OTEL_EXPORTER_OTLP_ENDPOINT }),
    ...(ROLLBAR_ENDPOINT && { ROLLBAR_ENDPOINT }),
  }
}

export type Account = {
  readonly signals: string
  readonly created: number
  readonly delivered: number
  readonly queued: number
  readonly dropped: Readonly<Record<string, number>>
  readonly taken: number
  readonly takenTwice: number
  readonly isBalanced: boolean
}

const signalsTo: readonly [VendorName, readonly string[]][] = [
  ['honeycomb', ['spans', 'browser spans']],
  ['rollbar', ['faults']],
  ['cloudwatch', ['log lines']],
  ['xray', ['segments']],
]

const accountsOf = async (backend: Backend, tally: Awaited<ReturnType<Vendors['tally']>>): Promise<Account[]> => {
  const signals = await backend.signals()
  return signalsTo.map(([vendor, names]) => {
    const own = signals.filter(({ name }) => names.includes(name))
    const sum = (value: (one: (typeof own)[number]) => number) => own.reduce((total, one) => total + value(one), 0)
    const dropped: Record<string, number> = {}
    for (const one of own) {
      for (const [reason, lost] of Object.entries(one.dropped)) dropped[reason] = (dropped[reason] ?? 0) + lost
    }
    return {
      signals: names.join(' and '),
      created: sum(({ created }) => created),
      delivered: sum(({ delivered }) => delivered),
      queued: sum(({ queued }) => queued),
      dropped,
      taken: tally[vendor].taken,
      takenTwice: tally[vendor].takenTwice,
      isBalanced: own.every((one) => one.created === one.delivered + one.queued + lostOf(one)),
    }
  })
}

export const countOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)

export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** Lines of one signal in one minute, the most of them. */
export const mostLinesAMinute = (
  backend: Pick<Backend, 'complaints'>,
  { from, to }: Pick<Phase, 'from' | 'to'>,
): number => {
  const spoken = backend.complaints.map(({ at, text }) => ({ at, signal: signalOf(text) }))
  const inMinuteBefore = (line: (typeof spoken)[number]) =>
    spoken.filter(({ at, signal }) => signal === line.signal && at <= line.at && at > line.at - 59_500).length
  return Math.max(0, ...spoken.filter(({ at }) => at >= from && at <= to).map(inMinuteBefore))
}

const signalOf = (line: string): string => /^([\w ]+?) → /.exec(line)?.[1] ?? 'anything else'
