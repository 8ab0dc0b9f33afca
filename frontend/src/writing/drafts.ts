import { defaultTtl, ttls } from '@cruddur/shared/activities'
import * as z from 'zod/mini'
import type { Place } from './outbox.ts'
import type { SafeStorage } from './safe-storage.ts'

const Draft = z.object({
  message: z.string(),
  /** For a crud only. */
  ttl: z.enum(ttls),
  /** The key of an earlier try to send this text, so that the server stores it once. */
  key: z.nullable(z.string()),
  /** Why the text came back. */
  refusal: z.nullable(z.object({ sentence: z.string(), traceId: z.nullable(z.string()) })),
  writtenAt: z.number(),
})
export type Draft = Omit<z.infer<typeof Draft>, 'writtenAt'>

export const emptyDraft: Draft = { message: '', ttl: defaultTtl, key: null, refusal: null }

const isBlank = ({ message }: Draft): boolean => message.trim() === ''

const prefix = 'cruddur.draft:'
const signedOut = 'nobody'
const keptMs = 30 * 24 * 3_600_000

type Options = { storage: SafeStorage; now?: () => number }

/** One draft for each author and place. It survives a reload. */
export class Drafts {
  readonly #storage: SafeStorage
  readonly #now: () => number
  readonly #read = new Map<string, Draft>()
  readonly #listeners = new Set<() => void>()

  constructor({ storage, now = Date.now }: Options) {
    this.#storage = storage
    this.#now = now
  }

  listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The same object until it changes. */
  get(author: string | null, place: Place): Draft {
    const name = nameOf(author, place)
    const draft = this.#read.get(name) ?? this.#load(name)
    this.#read.set(name, draft)
    return draft
  }

  set(author: string | null, place: Place, draft: Draft): void {
    const name = nameOf(author, place)
    if (isBlank(draft)) {
      this.#storage.remove(name)
      // The next text is a different one, and needs a new key.
      this.#read.set(name, { ...draft, key: null })
    } else {
      this.#storage.set(name, JSON.stringify({ ...draft, writtenAt: this.#now() }))
      this.#read.set(name, draft)
    }
    for (const listener of this.#listeners) listener()
  }

  clear(author: string | null, place: Place): void {
    this.set(author, place, emptyDraft)
  }

  /** Puts a text back above the text that is in the draft by now. */
  giveBack(author: string | null, place: Place, returned: Partial<Draft> & Pick<Draft, 'message'>): void {
    const current = this.get(author, place)
    const message = isBlank(current) ? returned.message : `${returned.message}\n\n${current.message}`
    this.set(author, place, { ...emptyDraft, ...returned, message })
  }

  /** Gives the author the drafts that they wrote before they signed in. */
  adopt(author: string): void {
    for (const name of this.#storage.names(`${prefix}${signedOut}:`)) {
      const place = name.slice(`${prefix}${signedOut}:`.length) as Place
      const draft = this.get(null, place)
      if (isBlank(draft) || !isBlank(this.get(author, place))) continue
      this.clear(null, place)
      this.set(author, place, draft)
    }
  }

  forget(author: string): void {
    const begin = `${prefix}${author}:`
    for (const name of this.#storage.names(begin)) this.#storage.remove(name)
    for (const name of this.#read.keys()) if (name.startsWith(begin)) this.#read.delete(name)
    for (const listener of this.#listeners) listener()
  }

  forgetOld(): void {
    for (const name of this.#storage.names(prefix)) {
      const writtenAt = this.#parse(name)?.writtenAt ?? 0
      if (this.#now() - writtenAt > keptMs) this.#storage.remove(name)
    }
  }

  #load(name: string): Draft {
    const kept = this.#parse(name)
    if (!kept) return emptyDraft
    const { writtenAt: _, ...draft } = kept
    return draft
  }

  #parse(name: string): z.infer<typeof Draft> | null {
    try {
      return z.parse(Draft, JSON.parse(this.#storage.get(name) ?? ''))
    } catch {
      return null
    }
  }
}

const nameOf = (author: string | null, place: Place): string => `${prefix}${author ?? signedOut}:${place}`
