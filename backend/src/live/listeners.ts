import type { LiveEvent } from '@cruddur/shared/live'
import { AppError, tooManyRequests } from '../errors.ts'

/** The open event stream of a page. */
export type LiveStream = {
  readonly begin: () => void
  readonly send: (event: LiveEvent) => void
  /** Keeps an idle stream alive. */
  readonly beat: () => void
  /** `later` asks the page to wait before it reconnects. */
  readonly end: (retry?: 'now' | 'later') => void
}

export type Listener = LiveStream & {
  readonly address: string
  /** null for an anonymous stream, which gets public events only. */
  readonly user: string | null
  readonly session: string | null
}

export type LiveLimits = { readonly streams: number; readonly ofSession: number; readonly ofAddress: number }
export const liveLimits: LiveLimits = { streams: 500, ofSession: 20, ofAddress: 100 }

const retryAfterSeconds = 30

/** The open streams of this process, oldest first, within limits. */
export class Listeners extends Set<Listener> {
  readonly #limits: LiveLimits

  constructor(limits: LiveLimits) {
    super()
    this.#limits = limits
  }

  /** Adds a listener, or throws. When all streams are taken, an anonymous one may be dropped for the new listener. */
  admit(listener: Listener): void {
    const { address, session, user } = listener
    const ofAddress = this.#count((one) => one.address === address)
    const ofSession = session === null ? 0 : this.#count((one) => one.session === session)
    if (ofSession >= this.#limits.ofSession) throw tooManyStreams()
    if (ofAddress >= this.#limits.ofAddress) {
      const other = user === null ? undefined : this.#oldestAnonymousOf(address)
      if (!other) throw tooManyStreams()
      this.#drop(other)
    }
    if (this.size >= this.#limits.streams) {
      const other = this.#oldestAnonymousOf(this.#largestAnonymousAddress())
      const share = this.#count((one) => one.address === other?.address)
      // Two addresses whose shares differ by one would only replace each other.
      if (!other || (user === null && share <= ofAddress + 1)) throw full()
      this.#drop(other)
    }
    this.add(listener)
  }

  #count(matches: (listener: Listener) => boolean): number {
    return [...this].filter(matches).length
  }

  #oldestAnonymousOf(address: string | undefined): Listener | undefined {
    return [...this].find((one) => one.user === null && one.address === address)
  }

  #largestAnonymousAddress(): string | undefined {
    const [largest] = [...Map.groupBy(this, ({ address }) => address)]
      .filter(([, streams]) => streams.some(({ user }) => user === null))
      .sort(([, a], [, b]) => b.length - a.length)
    return largest?.[0]
  }

  #drop(listener: Listener): void {
    this.delete(listener)
    listener.end('later')
  }
}

const tooManyStreams = () => tooManyRequests('Too many open streams.', retryAfterSeconds)
const full = () =>
  new AppError('unavailable', 'Too many people are listening. Try again in a moment.', { retryAfterSeconds })
