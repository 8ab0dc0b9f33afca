import { defaultTtl, ttls } from '@cruddur/shared/activities'
import * as z from 'zod/mini'
import type { SafeStorage } from './safe-storage.ts'

/** Where something is written: a crud, or a reply to one. */
export type Place = 'crud' | `reply:${string}`

const Draft = z.object({
  message: z.string(),
  ttl: z.enum(ttls),
  /** It was tried under this key already; whatever becomes of that try, it is the same thing. */
  key: z.nullable(z.string()),
  /** Why it came back. */
  refusal: z.nullable(z.object({ sentence: z.string(), traceId: z.nullable(z.string()) })),
  writtenAt: z.number(),
})
export type Draft = Omit<z.infer<typeof Draft>, 'writtenAt'>

export const emptyDraft: Draft = { message: '', ttl: defaultTtl, key: null, refusal: null }

const isBlank = ({ message }: Draft): boolean => message.trim() === ''

const prefix = 'cruddur.draft:'
const nobody = 'nobody'
/** No crud lives longer, so no reply to one can be wanted. */
const keptMs = 30 * 24 * 3_600_000

type Given = { storage: SafeStorage; now?: () => number }

/** What is typed survives a reload: for each person and place one draft. */
export class Drafts {
  readonly #storage: SafeStorage
  readonly #now: () => number
  readonly #read = new Map<string, Draft>()
  readonly #listeners = new Set<() => void>()

  constructor({ storage, now = Date.now }: Given) {
    this.#storage = storage
    this.#now = now
  }

  listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get(who: string | null, place: Place): Draft {
    const name = nameOf(who, place)
    const draft = this.#read.get(name) ?? this.#load(name)
    this.#read.set(name, draft)
    return draft
  }

  set(who: string | null, place: Place, draft: Draft): void {
    const name = nameOf(who, place)
    if (isBlank(draft)) {
      this.#storage.remove(name)
      // Another text is another thing to send.
      this.#read.set(name, { ...draft, key: null })
    } else {
      this.#storage.set(name, JSON.stringify({ ...draft, writtenAt: this.#now() }))
      this.#read.set(name, draft)
    }
    for (const listener of this.#listeners) listener()
  }

  clear(who: string | null, place: Place): void {
    this.set(who, place, emptyDraft)
  }

  /** Back to where it was written; what stands there by now is kept, below it. */
  giveBack(who: string | null, place: Place, returned: Omit<Draft, 'refusal'> & Partial<Draft>): void {
    const there = this.get(who, place)
    const message = isBlank(there) ? returned.message : `${returned.message}\n\n${there.message}`
    this.set(who, place, { ...emptyDraft, ...returned, message })
  }

  /** What was written before one said who one is. */
  adopt(who: string): void {
    for (const name of this.#storage.names(`${prefix}${nobody}:`)) {
      const place = name.slice(`${prefix}${nobody}:`.length) as Place
      const draft = this.get(null, place)
      if (isBlank(draft) || !isBlank(this.get(who, place))) continue
      this.clear(null, place)
      this.set(who, place, draft)
    }
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

const nameOf = (who: string | null, place: Place): string => `${prefix}${who ?? nobody}:${place}`
