import type { SignalState } from '@cruddur/wire/signal-account'
import { getStringFromEnv } from '@opentelemetry/core'
import type { Warn } from '../logger.ts'
import { scrubText } from '../scrub.ts'

type SignalOptions = {
  readonly name: string
  readonly destination: string | null
  readonly because: string
  readonly warn?: Warn
}

export type Signal = {
  readonly name: string
  readonly created: (count?: number) => void
  readonly delivered: (count?: number) => void
  readonly dropped: (reason: string, count?: number) => void
  /** Left out on purpose: counted as dropped, without a warning. */
  readonly leftOut: (reason: string, count?: number) => void
  /** An attempt failed. `dropped` says whether its items are lost. */
  readonly failed: (failure: { error: string; status?: number | undefined }) => void
  readonly answered: (status: number) => void
  /** Adds a queue to the account: `length` says how many items wait in it. */
  readonly addQueue: (length: () => number) => void
  readonly setDestination: (where: { destination: string | null; because: string }) => void
  readonly snapshot: () => SignalState
}

const quietMs = 60_000
/** An error is forgotten after this time without another one. It is longer than any pause between attempts. */
const recoveredMs = 120_000
const longestReason = 300

/** Counts what happens to one signal, and warns when something fails: at once, then at most once a minute. */
export const createSignal = ({ warn = toStderr, ...options }: SignalOptions): Signal => {
  let { because } = options
  let destination = withoutCredentials(options.destination)
  const count = { created: 0, delivered: 0 }
  const dropped: Record<string, number> = {}
  const queues: (() => number)[] = []
  let lastError: string | null = null
  let lastStatus: number | null = null
  let recovery: NodeJS.Timeout | undefined

  const unreported = { failures: 0, dropped: {} as Record<string, number> }
  let quiet = false

  const warnNow = () => {
    const lost = Object.entries(unreported.dropped)
    if (unreported.failures === 0 && lost.length === 0) {
      quiet = false
      return
    }
    const parts = [
      unreported.failures > 0 && `${unreported.failures} failed attempt${unreported.failures === 1 ? '' : 's'}`,
      lost.length > 0 && `dropped ${lost.map(([reason, lostCount]) => `${lostCount} (${reason})`).join(', ')}`,
      lastError && `last error: ${lastError}`,
    ]
    unreported.failures = 0
    unreported.dropped = {}
    quiet = true
    setTimeout(warnNow, quietMs).unref()
    warn(`${options.name} → ${destination ?? 'off'}: ${parts.filter(Boolean).join('; ')}`)
  }
  const warnSoon = () => {
    if (quiet) return
    // A moment later, so that one line names the failure and the items that it lost.
    quiet = true
    setTimeout(warnNow, 0).unref()
  }
  const leftOut = (reason: string, items = 1) => {
    if (items > 0) dropped[reason] = (dropped[reason] ?? 0) + items
  }

  return {
    name: options.name,
    created: (items = 1) => {
      count.created += items
    },
    delivered: (items = 1) => {
      count.delivered += items
      if (lastError === null || items === 0) return
      recovery ??= setTimeout(() => {
        lastError = null
        recovery = undefined
      }, recoveredMs).unref()
    },
    dropped: (reason, items = 1) => {
      if (items === 0) return
      leftOut(reason, items)
      unreported.dropped[reason] = (unreported.dropped[reason] ?? 0) + items
      warnSoon()
    },
    leftOut,
    failed: ({ error, status }) => {
      lastError = scrubText(error).replace(/\s+/g, ' ').slice(0, longestReason)
      if (status !== undefined) lastStatus = status
      clearTimeout(recovery)
      recovery = undefined
      unreported.failures++
      warnSoon()
    },
    answered: (status) => {
      lastStatus = status
    },
    addQueue: (length) => {
      queues.push(length)
    },
    setDestination: (where) => {
      destination = withoutCredentials(where.destination)
      because = where.because
    },
    snapshot: () => ({
      name: options.name,
      destination,
      because,
      ...count,
      queued: queues.reduce((sum, length) => sum + length(), 0),
      dropped: { ...dropped },
      lastError,
      lastStatus,
    }),
  }
}

/** Why a signal goes to the address in this variable. `npm start` sets some of these variables and says why. */
export const reasonFor = (variable: string): string => {
  const reasons: Record<string, string> = JSON.parse(getStringFromEnv('SIGNAL_REASONS') ?? '{}')
  return reasons[variable] ?? `${variable} is set`
}

/** Anyone may see the address, so user, password and query are removed. */
const withoutCredentials = (destination: string | null): string | null =>
  destination &&
  scrubText(destination.replace(/^\S+/, (address) => address.replace(/\/\/[^/]*@/, '//').replace(/[?#].*$/, '')))

const toStderr = (line: string): void => void process.stderr.write(`${line}\n`)

/** For a queue whose items count as created before they reach it. */
export const withoutCreated = (signal: Signal): Signal => ({ ...signal, created: () => {} })
