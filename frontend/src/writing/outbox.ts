import { type Ttl, ttls } from '@cruddur/shared/activities'
import * as z from 'zod/mini'
import type { Place } from './drafts.ts'
import type { SafeStorage } from './safe-storage.ts'

const Unsent = z.object({
  /** Its `Idempotency-Key`: however often it is sent, it is one activity. */
  key: z.string(),
  /** Who wrote it. Never sent as anybody else. */
  author: z.string(),
  message: z.string(),
  ttl: z.enum(ttls),
  replyTo: z.nullable(z.object({ uuid: z.string(), handle: z.string() })),
  writtenAt: z.number(),
  state: z.enum(['sending', 'waiting', 'refused']),
  /** Why it waits, or was refused. */
  sentence: z.nullable(z.string()),
  traceId: z.nullable(z.string()),
})
export type Unsent = z.infer<typeof Unsent>

export type NewUnsent = { key: string | null; author: string; message: string; ttl: Ttl; replyTo: Unsent['replyTo'] }

/** What a failure means: try again by and by, put it right, or say again who one is. */
export type Verdict = {
  state: 'waiting' | 'refused'
  sentence: string
  traceId: string | null
  retryAfterMs?: number | null
  isSignedOut?: boolean
  /** The key was used for something else: what is sent next is another thing. */
  isKeySpent?: boolean
}

/** `held` where somebody is sending it already, another tab perhaps. */
export type Outcome = 'sent' | 'waiting' | 'refused' | 'signed-out' | 'held'

type Given = {
  storage: SafeStorage
  send: (unsent: Unsent) => Promise<void>
  judge: (error: unknown) => Verdict
  /** Who acts by the server's word, asked for before anything is sent that nobody just clicked for. */
  whoActs: () => Promise<string | null>
  /** Does it while nobody else does; says undefined where somebody does. */
  alone: <Result>(name: string, work: () => Promise<Result>) => Promise<Result | undefined>
  newKey: () => string
  now?: () => number
}

const anotherActs: Verdict = {
  state: 'waiting',
  sentence: 'It is sent when you sign in again as its author.',
  traceId: null,
  isSignedOut: true,
}

const prefix = 'cruddur.outbox:'
const firstRetryMs = 5_000
const longestRetryMs = 60_000

export const placeOf = ({ replyTo }: Pick<Unsent, 'replyTo'>): Place => (replyTo ? `reply:${replyTo.uuid}` : 'crud')

/**
 * What was written and has not been sent. It is kept before it is sent, so that neither a lost connection nor a closed tab
 * loses it; and its key makes it one activity, however many tabs and tries send it.
 */
export class Outbox {
  readonly #given: Required<Given>
  readonly #listeners = new Set<() => void>()
  readonly #inHand = new Set<string>()
  readonly #cameBack = new Set<string>()
  readonly #retries = new Map<string, { tries: number; at: number }>()
  #lists = new Map<string, readonly Unsent[]>()

  constructor(given: Given) {
    this.#given = { now: Date.now, ...given }
  }

  listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Oldest first; the very same until something changes. */
  of(author: string): readonly Unsent[] {
    const list =
      this.#lists.get(author) ??
      this.#given.storage
        .names(prefix)
        .flatMap((name) => this.#load(name) ?? [])
        .filter((unsent) => unsent.author === author)
        .sort((one, other) => one.writtenAt - other.writtenAt)
    this.#lists.set(author, list)
    return list
  }

  /** What was written at one place; the very same until something changes. */
  at(author: string, place: Place): readonly Unsent[] {
    const name = `${author} ${place}`
    const list = this.#lists.get(name) ?? this.of(author).filter((unsent) => placeOf(unsent) === place)
    this.#lists.set(name, list)
    return list
  }

  add(written: NewUnsent): string {
    const key = written.key ?? this.#given.newKey()
    this.#keep({ ...written, key, writtenAt: this.#given.now(), state: 'sending', sentence: null, traceId: null })
    return key
  }

  /** Back into the hands of its author: null when it is being sent, or has been. */
  take(key: string): Unsent | null {
    const unsent = this.#load(prefix + key)
    if (!unsent || this.#inHand.has(key)) return null
    this.#forget(key)
    return unsent
  }

  /** Refused while this page was open: its author is here to put it right. In another tab they may be writing something else. */
  cameBack = ({ key, state }: Unsent): boolean => state === 'refused' && this.#cameBack.has(key)

  /** `isSeen`: its author has just said so, and sees who acts. */
  async send(key: string, { isSeen = false } = {}): Promise<Outcome> {
    if (this.#inHand.has(key)) return 'held'
    this.#inHand.add(key)
    try {
      return (await this.#given.alone(prefix + key, () => this.#sendAlone(key, isSeen))) ?? 'held'
    } finally {
      this.#inHand.delete(key)
    }
  }

  /** All that waits for its time, oldest first; stops where the next would fail as well. */
  async sendWaiting(author: string, inItsOwnWay: (send: () => Promise<Outcome>) => Promise<Outcome>): Promise<void> {
    for (const { key, state } of this.of(author)) {
      if (state === 'refused') continue
      const outcome = await inItsOwnWay(() => this.send(key))
      if (outcome === 'waiting' || outcome === 'signed-out') return
    }
  }

  /** When something should be tried again by itself; null where nothing waits. */
  nextTryAt(author: string): number | null {
    const waiting = this.of(author).filter(({ key, state }) => state === 'waiting' && !this.#inHand.has(key))
    const times = waiting.flatMap(({ key }) => this.#retries.get(key)?.at ?? [])
    if (times.length > 0) return Math.min(...times)
    return waiting.length > 0 ? this.#given.now() + firstRetryMs : null
  }

  /** Another tab has changed something. */
  reload = (): void => {
    this.#lists = new Map()
    for (const listener of this.#listeners) listener()
  }

  async #sendAlone(key: string, isSeen: boolean): Promise<Outcome> {
    const unsent = this.#load(prefix + key)
    // Sent meanwhile, or taken back.
    if (!unsent) return 'sent'
    try {
      if (!isSeen && (await this.#given.whoActs()) !== unsent.author) return this.#settle(unsent, anotherActs)
      if (unsent.state !== 'sending') this.#keep({ ...unsent, state: 'sending' })
      await this.#given.send(unsent)
      this.#forget(key)
      return 'sent'
    } catch (error) {
      return this.#settle(unsent, this.#given.judge(error))
    }
  }

  #settle(unsent: Unsent, { state, sentence, traceId, retryAfterMs, isSignedOut, isKeySpent }: Verdict): Outcome {
    const tries = (this.#retries.get(unsent.key)?.tries ?? 0) + 1
    const waitMs = Math.max(retryAfterMs ?? 0, Math.min(longestRetryMs, firstRetryMs * 2 ** (tries - 1)))
    this.#retries.set(unsent.key, { tries, at: this.#given.now() + waitMs })
    const key = isKeySpent ? this.#given.newKey() : unsent.key
    if (isKeySpent) this.#forget(unsent.key)
    if (state === 'refused') this.#cameBack.add(key)
    this.#inHand.delete(unsent.key)
    this.#keep({ ...unsent, state, sentence, traceId, key })
    return isSignedOut ? 'signed-out' : state
  }

  #keep(unsent: Unsent): void {
    this.#given.storage.set(prefix + unsent.key, JSON.stringify(unsent))
    this.reload()
  }

  #forget(key: string): void {
    this.#retries.delete(key)
    this.#given.storage.remove(prefix + key)
    this.reload()
  }

  #load(name: string): Unsent | null {
    try {
      return z.parse(Unsent, JSON.parse(this.#given.storage.get(name) ?? ''))
    } catch {
      return null
    }
  }
}

export const isOutboxName = (name: string | null): boolean => name === null || name.startsWith(prefix)
