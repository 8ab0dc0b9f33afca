import type { Fault } from '@cruddur/vendor-doubles/fault'
import type { SignalAccount } from '@cruddur/wire/signal-account'
import { createSignal, type Signal } from './vendors/signal.ts'

/** The ways in which a vendor can fail. */
export const faults: readonly [name: string, fault: Fault][] = [
  ['a closed port', 'closed'],
  ['a hanging request', 'hang'],
  ['one byte a second', 'drip'],
  ['401', '401'],
  ['429 with Retry-After', '429'],
  ['500', '500'],
  ['an HTML 502', 'HTML 502'],
]

export const testSignal = (name = 'test') => {
  const lines: string[] = []
  const signal = createSignal({ name, destination: 'nowhere', because: 'of a test', warn: (line) => lines.push(line) })
  return { signal, lines }
}

export const lostIn = ({ dropped }: SignalAccount): number =>
  Object.values(dropped).reduce((sum, count) => sum + count, 0)

/** created = delivered + queued + dropped, and nothing below zero. */
export const isBalanced = (signal: Signal): boolean => {
  const account = signal.snapshot()
  const { created, delivered, queued } = account
  return created === delivered + queued + lostIn(account) && queued >= 0
}

/** The CPU time of this process. It does not depend on how busy the machine is. */
export const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** Waits for a condition, for thirty seconds at most. */
export const until = async (happened: () => boolean): Promise<void> => {
  const endsAt = performance.now() + 30_000
  while (!happened()) {
    if (performance.now() > endsAt) throw new Error(`It did not happen: ${happened}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
