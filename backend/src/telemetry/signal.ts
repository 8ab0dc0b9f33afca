import type { SignalState } from '@cruddur/shared/health'
import type { Complain } from './logger.ts'
import { scrubText } from './scrub.ts'

export type SignalOptions = {
  readonly name: string
  readonly destination: string | null
  readonly because: string
  readonly warn?: Complain
  readonly quietMs?: number
}

export type Signal = {
  readonly name: string
  readonly created: (count?: number) => void
  readonly delivered: (count?: number) => void
  readonly dropped: (reason: string, count?: number) => void
  /** Not sent because it was not meant to be: accounted for like what is dropped, and no trouble. */
  readonly leftOut: (reason: string, count?: number) => void
  /** An attempt failed; whether its items are lost is said by `dropped`. */
  readonly failed: (failure: { error: string; status?: number | undefined }) => void
  readonly answered: (status: number) => void
  /** Whoever holds items for this signal says how many. */
  readonly holds: (count: () => number) => void
  readonly goes: (where: { destination: string | null; because: string }) => void
  readonly snapshot: () => SignalState
}

const quietByDefaultMs = 60_000
/** Longer than what fails is left alone before it is tried again. */
const recoveredMs = 120_000
const longestReason = 300

/** The accounts of one signal, and its one voice: a line when trouble begins, then at most one a minute. */
export const createSignal = ({ warn = toStderr, quietMs = quietByDefaultMs, ...options }: SignalOptions): Signal => {
  let { because } = options
  let destination = shown(options.destination)
  const count = { created: 0, delivered: 0 }
  const dropped: Record<string, number> = {}
  const holders: (() => number)[] = []
  let lastError: string | null = null
  let lastStatus: number | null = null
  let recovery: NodeJS.Timeout | undefined

  const unsaid = { failures: 0, dropped: {} as Record<string, number> }
  let quiet = false

  const speak = () => {
    const lost = Object.entries(unsaid.dropped)
    if (unsaid.failures === 0 && lost.length === 0) {
      quiet = false
      return
    }
    const parts = [
      unsaid.failures > 0 && plural(unsaid.failures, 'failed attempt'),
      lost.length > 0 && `dropped ${lost.map(([reason, lostCount]) => `${lostCount} (${reason})`).join(', ')}`,
      lastError && `last error: ${lastError}`,
    ]
    unsaid.failures = 0
    unsaid.dropped = {}
    quiet = true
    setTimeout(speak, quietMs).unref()
    warn(`${options.name} → ${destination ?? 'off'}: ${parts.filter(Boolean).join('; ')}`)
  }
  const complain = () => {
    if (quiet) return
    // What one failure loses is told in the same line.
    quiet = true
    setTimeout(speak, 0).unref()
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
      dropped[reason] = (dropped[reason] ?? 0) + items
      unsaid.dropped[reason] = (unsaid.dropped[reason] ?? 0) + items
      complain()
    },
    leftOut: (reason, items = 1) => {
      dropped[reason] = (dropped[reason] ?? 0) + items
    },
    failed: ({ error, status }) => {
      lastError = scrubText(error).replace(/\s+/g, ' ').slice(0, longestReason)
      if (status !== undefined) lastStatus = status
      clearTimeout(recovery)
      recovery = undefined
      unsaid.failures++
      complain()
    },
    answered: (status) => {
      lastStatus = status
    },
    holds: (held) => {
      holders.push(held)
    },
    goes: (where) => {
      destination = shown(where.destination)
      because = where.because
    },
    snapshot: () => ({
      name: options.name,
      destination,
      because,
      ...count,
      queued: holders.reduce((sum, held) => sum + held(), 0),
      dropped: { ...dropped },
      lastError,
      lastStatus,
    }),
  }
}

/** The reason of an address. Who set it is not known here: for what nobody has set, whoever starts the server does. */
export const setAtStart = (variable: string): string => `${variable} was set when the server was started`

/** Anybody may ask where a signal goes: an address is shown without who we are there, and without its query. */
const shown = (destination: string | null): string | null =>
  destination &&
  scrubText(destination.replace(/^\S+/, (address) => address.replace(/\/\/[^/]*@/, '//').replace(/[?#].*$/, '')))

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
const toStderr = (line: string): void => void process.stderr.write(`${line}\n`)
