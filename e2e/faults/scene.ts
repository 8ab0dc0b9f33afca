import { setTimeout as delay } from 'node:timers/promises'
import { createDatabase } from '../src/database.ts'
import { type Backend, imbalances, startBackend } from './backend.ts'
import type { createLoad } from './load.ts'
import { type Remote, startProcess } from './remote.ts'
import { type Fault, type startVendors, type VendorName, vendorNames } from './vendors.ts'

export type Scene = Awaited<ReturnType<typeof openScene>>

const sampleEveryMs = 200
const limits = {
  // With the default, too few items would be in flight for a fault of Rollbar to matter.
  ROLLBAR_ITEMS_PER_MINUTE: '60000',
  // All requests come from one address, and all likes from one user.
  REQUESTS_PER_MINUTE: '600000',
  WRITES_PER_MINUTE: '600000',
}

/** One backend, its database, its four vendors and its users, each in a process of its own. */
export const openScene = async ({ perSecond, folder }: { perSecond: number; folder?: string }) => {
  const database = await createDatabase()
  const vendors = await startProcess<typeof startVendors>('vendors.ts', 'startVendors')
  const load = await startProcess<typeof createLoad>('load.ts', 'createLoad', perSecond)
  const addresses = await vendors.env()
  const authority = await vendors.authority()
  const backend = await startBackend({
    env: envOf(addresses, authority),
    databaseUrl: database.url,
    ...(folder && { folder }),
  }).catch(async (error: unknown) => {
    await Promise.all([vendors.stopProcess(), load.stopProcess(), database.drop()])
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
    setFault: async (names: readonly VendorName[], fault: Fault | null): Promise<void> => {
      await Promise.all(names.map((name) => vendors.setFault(name, fault)))
    },
    /** Sends requests for `ms`, and counts them under this name. */
    runPhase: async (name: string, ms: number, target: Backend = backend): Promise<Phase> => {
      const [from, cpuMs] = [performance.now(), target.cpuMs()]
      await load.begin(name, target.target)
      await delay(ms)
      await load.sent(name)
      const to = performance.now()
      return { name, from, to, cpu: (target.cpuMs() - cpuMs) / (to - from) }
    },
    peakMb: ({ from, to }: Pick<Phase, 'from' | 'to'>): number =>
      Math.max(...memory.filter(({ at }) => at >= from && at <= to).map(({ mb }) => mb)),
    memory: () => memory.map(({ mb }) => mb),
    forgetMemory: () => {
      memory = []
    },
    /** Seconds from the end of the fault until each of these vendors has received something. */
    resumedSeconds: async (names: readonly VendorName[], withinMs = 60_000): Promise<number> => {
      for (const endsAt = performance.now() + withinMs; performance.now() < endsAt; await delay(50)) {
        const tallies = await Promise.all(names.map((name) => vendors.tally(name)))
        const after = tallies.map(({ resumedAfterMs }) => resumedAfterMs ?? Number.POSITIVE_INFINITY)
        if (Math.max(...after) < Number.POSITIVE_INFINITY) return Math.max(...after) / 1_000
      }
      return Number.POSITIVE_INFINITY
    },
    /** Stops the load and waits until nothing is queued. Then the backend's accounts are compared with the vendors' counts. */
    settle: async (withinMs = 60_000) => {
      await load.pause()
      for (const endsAt = performance.now() + withinMs; performance.now() < endsAt; await delay(100)) {
        const signals = await backend.signals()
        if (signals.every(({ queued }) => queued === 0)) break
      }
      return accountsOf(backend, vendors)
    },
    close: async (): Promise<void> => {
      clearInterval(sampler)
      await load.pause()
      if (backend.isAlive()) await backend.end()
      await vendors.end()
      await Promise.all([vendors.stopProcess(), load.stopProcess()])
      await database.drop()
    },
  }
}

export type Phase = {
  readonly name: string
  readonly from: number
  readonly to: number
  /** Processors in use. Requests come at a fixed rate, so this shows the cost of each. */
  readonly cpu: number
}

export const envOf = (
  addresses: Record<VendorName, Record<string, string>>,
  authority: string,
  without?: VendorName,
): Record<string, string> => ({
  ...limits,
  NODE_EXTRA_CA_CERTS: authority,
  ...Object.assign({}, ...vendorNames.filter((name) => name !== without).map((name) => addresses[name])),
  ...(without && withoutKey(addresses[without])),
})

/** Keeps the address without the key. A vendor that needs no key loses its address, which turns its signal off. */
const withoutKey = (addresses: Record<string, string>): Record<string, string> => {
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

const accountsOf = async (backend: Backend, vendors: Remote<typeof startVendors>): Promise<Account[]> => {
  const signals = await backend.signals()
  const accounts = signalsTo.map(async ([vendor, names]) => {
    const { taken, takenTwice } = await vendors.tally(vendor)
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
      taken,
      takenTwice,
      isBalanced: imbalances(own).length === 0,
    }
  })
  return Promise.all(accounts)
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

/** The most lines of one signal in one minute. */
export const mostLinesAMinute = (
  backend: Pick<Backend, 'stderr'>,
  { from, to }: Pick<Phase, 'from' | 'to'>,
): number => {
  const lines = backend.stderr.map(({ at, text }) => ({ at, signal: signalOf(text) }))
  const inMinuteBefore = (line: (typeof lines)[number]) =>
    lines.filter(({ at, signal }) => signal === line.signal && at <= line.at && at > line.at - 59_500).length
  return Math.max(0, ...lines.filter(({ at }) => at >= from && at <= to).map(inMinuteBefore))
}

const signalOf = (line: string): string => /^([\w ]+?) → /.exec(line)?.[1] ?? 'other'
