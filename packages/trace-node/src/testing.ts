import type { TestContext } from 'node:test'
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

/** For what ends by itself: far longer than a busy machine may pause. */
export const patienceMs = 60_000

/** Only a vendor that never finishes its answer needs a short deadline. */
export const deadlineFor = (fault: Fault): number => (fault === 'hang' || fault === 'drip' ? 200 : patienceMs)

/** `performance.now()` and `setTimeout` stand still until `pass(ms)`. */
export const stopTime = ({ mock }: TestContext) => {
  let now = 1_000
  mock.method(performance, 'now', () => now)
  mock.timers.enable({ apis: ['setTimeout'] })
  return {
    pass: async (ms: number): Promise<void> => {
      await new Promise(setImmediate)
      now += ms
      mock.timers.tick(ms)
      await new Promise(setImmediate)
    },
  }
}

/** The shortest of several runs. For ratios only: the rest of the machine slows some runs, but not all. */
export const shortestMs = (work: () => void): number => {
  const times = Array.from({ length: 8 }, () => {
    const startedAt = performance.now()
    work()
    return performance.now() - startedAt
  })
  return Math.min(...times)
}

export const lostIn = ({ dropped }: SignalAccount): number =>
  Object.values(dropped).reduce((sum, count) => sum + count, 0)

/** created = delivered + queued + dropped, and nothing below zero. */
export const isBalanced = (signal: Signal): boolean => {
  const account = signal.snapshot()
  const { created, delivered, queued } = account
  return created === delivered + queued + lostIn(account) && queued >= 0
}

/** Waits for a condition, for thirty seconds at most. */
export const until = async (happened: () => boolean): Promise<void> => {
  const endsAt = performance.now() + 30_000
  while (!happened()) {
    if (performance.now() > endsAt) throw new Error(`It did not happen: ${happened}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
