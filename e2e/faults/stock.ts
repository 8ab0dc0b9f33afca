import { setTimeout as delay } from 'node:timers/promises'
import { createDatabase } from '../src/database.ts'
import { type Backend, type Ending, startBackend } from './backend.ts'
import type { createLoad, Target } from './load.ts'
import { type Remote, startProcess } from './remote.ts'
import { countOf, envOf, quantile } from './scene.ts'
import { type Fault, keys, type startVendors, type VendorName, vendorNames } from './vendors.ts'

export type StockRow = {
  readonly vendor: VendorName | 'all four'
  readonly fault: Fault | 'healthy' | 'no key'
  readonly requests: number
  readonly unanswered: number
  readonly p50: number
  readonly p99: number
  readonly mostSockets: number
  readonly stderrLinesAMinute: number
  readonly heldLines: number | null
  readonly exit: Ending | null
  /** The last error of a process that ended by itself. */
  readonly crash: string | null
}

const ms = { warmUp: 1_500, healthy: 2_000, faulted: 6_000, exit: 15_000 }

const rows: readonly [StockRow['vendor'], StockRow['fault']][] = [
  ['all four', 'healthy'],
  ...(['honeycomb', 'rollbar', 'cloudwatch'] as const).flatMap((vendor) =>
    (['closed', 'black hole', 'drip', 'no key'] as const).map((fault) => [vendor, fault] as const),
  ),
  ['xray', 'closed'],
  ['all four', 'black hole'],
].map(([vendor, fault]) => [vendor, fault] as [StockRow['vendor'], StockRow['fault']])

type Options = {
  readonly perSecond: number
  readonly only?: (vendor: string, fault: string) => boolean
  readonly say: (line: string) => void
}

/** The same packages, wired as their documentation says, under the same load and the same faults. */
export const runStock = async ({ perSecond, only = () => true, say }: Options): Promise<StockRow[]> => {
  const database = await createDatabase()
  const load = await startProcess<typeof createLoad>('load.ts', 'createLoad', perSecond)
  try {
    // Our backend fills the database. The stock application only reads it.
    const ours = await startBackend({ env: { OTEL_TRACES_EXPORTER: 'none' }, databaseUrl: database.url })
    await ours.end()
    const rowsWithExit = []
    for (const [vendor, fault] of rows) {
      if (!only(vendor, fault)) continue
      const { row, exit } = await faultedStock({ vendor, fault, databaseUrl: database.url, target: ours.target, load })
      // The next row begins while this process exits.
      rowsWithExit.push(exit.then((ending) => ({ ...row, exit: row.crash === null ? ending : null })))
      say(
        `stock, ${vendor}, ${fault}: ${row.crash ?? `${row.unanswered} of ${row.requests} unanswered, ${row.mostSockets} sockets`}`,
      )
    }
    return await Promise.all(rowsWithExit)
  } finally {
    await load.stopProcess()
    await database.drop()
  }
}

type Setting = {
  readonly vendor: StockRow['vendor']
  readonly fault: StockRow['fault']
  readonly databaseUrl: string
  readonly target: Target
  readonly load: Remote<typeof createLoad>
}

const faultedStock = async ({ vendor, fault, databaseUrl, target, load }: Setting) => {
  const vendors = await startProcess<typeof startVendors>('vendors.ts', 'startVendors')
  const without = fault === 'no key' && vendor !== 'all four' ? vendor : undefined
  const stock = await startBackend({
    databaseUrl,
    target,
    entry: ['--import', './faults/stock/telemetry.ts', './faults/stock/server.ts'],
    folder: `${import.meta.dirname}/..`,
    env: {
      ...stockEnv(await vendors.env(), without),
      ...envOf(await vendors.env(), await vendors.authority(), without),
    },
  })
  const during = async (name: string, length: number) => {
    await load.begin(name, stock.target)
    const endsAt = performance.now() + length
    while (performance.now() < endsAt && stock.isAlive()) await delay(100)
  }
  await during('warm-up', ms.warmUp)
  await during('healthy', ms.healthy)
  await vendors.forgetMostSockets()
  const names = vendor === 'all four' ? vendorNames : [vendor]
  if (fault !== 'no key' && fault !== 'healthy') await Promise.all(names.map((name) => vendors.setFault(name, fault)))
  const from = performance.now()
  await during('faulted', ms.faulted)
  const minutes = (performance.now() - from) / 60_000
  await load.pause()
  const measured = await load.result('faulted')
  await Promise.all([load.result('warm-up'), load.result('healthy')])
  const crashed = !stock.isAlive()
  const row: Omit<StockRow, 'exit'> = {
    vendor,
    fault,
    requests: measured.requests,
    unanswered: countOf(measured.errors),
    p50: quantile(measured.latencies, 0.5),
    p99: quantile(measured.latencies, 0.99),
    mostSockets: await vendors.mostSockets(),
    stderrLinesAMinute: stock.stderr.filter(({ at }) => at >= from).length / minutes,
    heldLines: crashed ? null : await heldLinesOf(stock),
    crash: crashed ? lastError(stock) : null,
  }
  const exit = stock.end(ms.exit).finally(async () => {
    await vendors.end()
    await vendors.stopProcess()
  })
  return { row, exit }
}

// winston-cloudwatch and the AWS SDK need credentials, whatever the endpoint is.
const stockEnv = (
  addresses: Record<VendorName, Record<string, string>>,
  without?: VendorName,
): Record<string, string> => ({
  ...addresses.honeycomb,
  ...(without !== 'cloudwatch' && { AWS_ACCESS_KEY_ID: keys.aws, AWS_SECRET_ACCESS_KEY: 'secret-of-a-test' }),
  ...addresses.cloudwatch,
})

const heldLinesOf = async (stock: Backend): Promise<number | null> => {
  const answer = await fetch(`${stock.target.url}/held`, { signal: AbortSignal.timeout(3_000) }).catch(() => null)
  return answer ? ((await answer.json()) as { lines: number }).lines : null
}

const lastError = ({ stderr }: Backend): string =>
  stderr.map(({ text }) => text.trim()).findLast((text) => /Error|error/.test(text)) ?? 'ended'
