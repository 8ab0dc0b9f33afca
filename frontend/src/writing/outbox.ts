import { ttls } from '@cruddur/shared/activities'
import * as z from 'zod/mini'
import type { Failure } from './failure.ts'
import type { SafeStorage } from './safe-storage.ts'

const Target = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('crud'), ttl: z.enum(ttls) }),
  z.object({ kind: z.literal('reply'), uuid: z.string(), handle: z.string() }),
  z.object({ kind: z.literal('message'), handle: z.string(), display_name: z.string() }),
])
export type Target = z.infer<typeof Target>

/** Where a text is written. Each place has one draft, and its texts are sent in order. */
export type Place = 'crud' | `reply:${string}` | `message:${string}`

export const placeOf = (target: Target): Place => {
  if (target.kind === 'reply') return `reply:${target.uuid}`
  return target.kind === 'message' ? `message:${target.handle}` : 'crud'
}

const Unsent = z.object({
  /** Its `Idempotency-Key`: the server stores the text once, however often it is sent. */
  key: z.string(),
  /** The text is never sent as another user. */
  author: z.string(),
  target: Target,
  message: z.string(),
  writtenAt: z.number(),
  state: z.enum(['sending', 'waiting', 'refused']),
  /** Why the text waits or was refused. */
  sentence: z.nullable(z.string()),
  traceId: z.nullable(z.string()),
})
export type Unsent = z.infer<typeof Unsent>

export type NewUnsent = Pick<Unsent, 'author' | 'target' | 'message'> & { key: string | null }

export type Outcome = 'sent' | 'waiting' | 'refused' | 'signed-out'

type Options = {
  storage: SafeStorage
  send: (unsent: Unsent) => Promise<void>
  failureOf: (error: unknown) => Failure
  /** Asks the server who is signed in. Only a click makes this request unnecessary. */
  currentUser: () => Promise<string | null>
  /** Waits until no other tab sends. Returns the function that lets the next tab send. */
  lock: (name: string) => Promise<() => void>
  newKey: () => string
  now?: () => number
}

const authorAway: Failure = {
  state: 'waiting',
  sentence: 'It is sent when its author signs in again.',
  traceId: null,
  isSignedOut: true,
}

const prefix = 'cruddur.outbox:'
const firstRetryMs = 5_000
const longestRetryMs = 60_000

/** Cruds, replies and messages that are not sent yet. Each is stored before it is sent, so no closed tab loses it. */
export class Outbox {
  readonly #options: Required<Options>
  readonly #listeners = new Set<() => void>()
  readonly #requests = new Set<string>()
  readonly #refusedHere = new Set<string>()
  readonly #retries = new Map<string, { tries: number; at: number }>()
  readonly #lines = new Map<string, Promise<unknown>>()
  #lists = new Map<string, readonly Unsent[]>()

  constructor(options: Options) {
    this.#options = { now: Date.now, ...options }
  }

  listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Oldest first. The same array until something changes. */
  of(author: string): readonly Unsent[] {
    const list =
      this.#lists.get(author) ??
      this.#options.storage
        .names(prefix)
        .flatMap((name) => this.#load(name.slice(prefix.length)) ?? [])
        .filter((unsent) => unsent.author === author)
        .sort((one, other) => one.writtenAt - other.writtenAt)
    this.#lists.set(author, list)
    return list
  }

  at(author: string, place: Place): readonly Unsent[] {
    const name = `${author} ${place}`
    const list = this.#lists.get(name) ?? this.of(author).filter(({ target }) => placeOf(target) === place)
    this.#lists.set(name, list)
    return list
  }

  add(written: NewUnsent): string {
    const key = written.key ?? this.#options.newKey()
    const newest = this.of(written.author).at(-1)?.writtenAt ?? 0
    const writtenAt = Math.max(this.#options.now(), newest + 1)
    this.#keep({ ...written, key, writtenAt, state: 'sending', sentence: null, traceId: null })
    return key
  }

  /** Removes a text and returns it. Null if the text is already on its way, or sent. */
  take(key: string): Unsent | null {
    const unsent = this.#load(key)
    if (!unsent || this.#requests.has(key)) return null
    this.#forget(key)
    return unsent
  }

  /** Forgets all texts of this author. One that is on its way may still arrive. */
  forget(author: string): void {
    // Another tab may have added some just now.
    this.reload()
    for (const { key } of this.of(author)) this.#forget(key)
  }

  /** Whether this tab sent the refused text: it goes back into the composer only in that tab. */
  wasRefusedHere = ({ key, state }: Unsent): boolean => state === 'refused' && this.#refusedHere.has(key)

  /** `isSeen` says that the user has just clicked, so the page shows the right user. */
  async send(key: string, { isSeen = false } = {}): Promise<Outcome> {
    const unsent = this.#load(key)
    if (!unsent) return 'sent'
    if (unsent.state !== 'sending') this.#keep({ ...unsent, state: 'sending' })
    const line = `${unsent.author} ${placeOf(unsent.target)}`
    const turn = (this.#lines.get(line) ?? Promise.resolve()).then(() => this.#takeTurn(unsent, line, isSeen))
    this.#lines.set(line, turn)
    return turn
  }

  /** Sends everything that waits, each in its own `run`. After a failure, later texts of that place are not tried. */
  async sendWaiting(author: string, run: (send: () => Promise<Outcome>) => Promise<Outcome>): Promise<void> {
    const stopped = new Set<Place>()
    for (const { key, target, state } of this.of(author)) {
      if (state === 'refused' || stopped.has(placeOf(target))) continue
      const outcome = await run(() => this.send(key))
      if (outcome === 'signed-out') return
      if (outcome === 'waiting') stopped.add(placeOf(target))
    }
  }

  /** When to call `sendWaiting` again. Null if nothing waits. */
  nextTryAt(author: string): number | null {
    const waiting = this.of(author).filter(({ state }) => state === 'waiting')
    const times = waiting.flatMap(({ key }) => this.#retries.get(key)?.at ?? [])
    if (times.length > 0) return Math.min(...times)
    return waiting.length > 0 ? this.#options.now() + firstRetryMs : null
  }

  /** Another tab has changed the storage. */
  reload = (): void => {
    this.#lists = new Map()
    for (const listener of this.#listeners) listener()
  }

  /** Sends the earlier texts of this place, and then this one. */
  async #takeTurn({ key, author, target }: Unsent, line: string, isSeen: boolean): Promise<Outcome> {
    const release = await this.#options.lock(prefix + line)
    try {
      for (const next of this.at(author, placeOf(target))) {
        const current = this.#load(key)
        if (!current) return 'sent'
        if (current.state !== 'sending') return current.state
        if (next.state === 'refused') continue
        const outcome = await this.#request(next.key, isSeen)
        if (outcome === 'signed-out' || next.key === key) return outcome
      }
      return 'sent'
    } finally {
      release()
    }
  }

  async #request(key: string, isSeen: boolean): Promise<Outcome> {
    const unsent = this.#load(key)
    if (!unsent) return 'sent'
    this.#requests.add(key)
    try {
      if (!isSeen && (await this.#options.currentUser()) !== unsent.author) return this.#fail(unsent, authorAway)
      if (!this.#update({ ...unsent, state: 'sending' })) return 'sent'
      await this.#options.send(unsent)
      this.#forget(key)
      return 'sent'
    } catch (error) {
      return this.#fail(unsent, this.#options.failureOf(error))
    } finally {
      this.#requests.delete(key)
    }
  }

  #fail(unsent: Unsent, { state, sentence, traceId, retryAfterMs, isSignedOut, isKeySpent }: Failure): Outcome {
    if (!this.#load(unsent.key)) return 'sent'
    const tries = (this.#retries.get(unsent.key)?.tries ?? 0) + 1
    const waitMs = Math.max(retryAfterMs ?? 0, Math.min(longestRetryMs, firstRetryMs * 2 ** (tries - 1)))
    this.#retries.set(unsent.key, { tries, at: this.#options.now() + waitMs })
    const key = isKeySpent ? this.#options.newKey() : unsent.key
    if (isKeySpent) this.#forget(unsent.key)
    if (state === 'refused') this.#refusedHere.add(key)
    this.#requests.delete(unsent.key)
    // The later texts in its line wait with it.
    if (state === 'waiting')
      for (const later of this.at(unsent.author, placeOf(unsent.target)))
        if (later.writtenAt > unsent.writtenAt && later.state === 'sending') this.#update({ ...later, state, sentence })
    this.#keep({ ...unsent, key, state, sentence, traceId })
    return isSignedOut ? 'signed-out' : state
  }

  /** False if the text is gone, perhaps by another tab: then it stays gone. */
  #update(unsent: Unsent): boolean {
    const known = this.#load(unsent.key)
    if (known && known.state !== unsent.state) this.#keep(unsent)
    return known !== null
  }

  #keep(unsent: Unsent): void {
    this.#options.storage.set(prefix + unsent.key, JSON.stringify(unsent))
    this.reload()
  }

  #forget(key: string): void {
    this.#retries.delete(key)
    this.#options.storage.remove(prefix + key)
    this.reload()
  }

  #load(key: string): Unsent | null {
    try {
      return z.parse(Unsent, JSON.parse(this.#options.storage.get(prefix + key) ?? ''))
    } catch {
      return null
    }
  }
}

export const isOutboxName = (name: string | null): boolean => name === null || name.startsWith(prefix)
