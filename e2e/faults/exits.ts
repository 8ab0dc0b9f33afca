import { setTimeout as delay } from 'node:timers/promises'
import { createDatabase } from '../src/database.ts'
import { type Ending, imbalances, startBackend } from './backend.ts'
import { envOf } from './scene.ts'
import { type Fault, faults, startVendors, type VendorName, vendorNames } from './vendors.ts'

export type Exit = Ending & {
  readonly vendor: VendorName | 'all four'
  readonly fault: Fault | 'no key'
  readonly wrongAnswers: number
  readonly imbalances: readonly string[]
}

const requests = 100
const settlesMs = 1_000

/** Starts backends while a vendor is down, and stops them before it is back. */
export const runExits = async (only = (_vendor: string, _fault: string): boolean => true): Promise<Exit[]> => {
  const { url, drop } = await createDatabase()
  const exits: Exit[] = []
  try {
    for (const fault of [...faults, 'no key'] as const) {
      const at = [...vendorNames, ...(fault === 'black hole' ? (['all four'] as const) : [])]
      const applicable = at.filter((vendor) => !(vendor === 'xray' && fault === 'bad TLS') && only(vendor, fault))
      exits.push(...(await Promise.all(applicable.map((vendor) => exitOf(url, vendor, fault)))))
    }
  } finally {
    await drop()
  }
  return exits
}

const exitOf = async (databaseUrl: string, vendor: Exit['vendor'], fault: Exit['fault']): Promise<Exit> => {
  const vendors = await startVendors()
  try {
    const faulted = vendor === 'all four' ? vendorNames : [vendor]
    if (fault !== 'no key') for (const name of faulted) vendors.setFault(name, fault)
    const without = fault === 'no key' && vendor !== 'all four' ? vendor : undefined
    const backend = await startBackend({ env: envOf(vendors.env(), vendors.authority(), without), databaseUrl })
    let wrongAnswers = 0
    for (let request = 0; request < requests; request++) {
      const [path, status] = request % 5 === 0 ? ['/rollbar/test', 500] : ['/api/activities/home', 200]
      const answer = await fetch(backend.target.url + path, { signal: AbortSignal.timeout(10_000) }).catch(() => null)
      await answer?.arrayBuffer()
      if (answer?.status !== status) wrongAnswers++
    }
    await delay(settlesMs)
    const unbalanced = imbalances(await backend.signals())
    return { vendor, fault, wrongAnswers, imbalances: unbalanced, ...(await backend.end()) }
  } finally {
    await vendors.end()
  }
}
