import * as z from 'zod/mini'

const UnsentMessage = z.object({
  /** Its `Idempotency-Key`: however often it is sent, it is one message. */
  key: z.string(),
  /** Who wrote it. Never sent as anybody else. */
  author: z.string(),
  /** The conversation, or `@handle` where there is none yet. */
  place: z.string(),
  message: z.string(),
  /** By the server's clock. */
  writtenAt: z.number(),
  state: z.enum(['sending', 'failed']),
  sentence: z.nullable(z.string()),
  traceId: z.nullable(z.string()),
})
export type UnsentMessage = z.infer<typeof UnsentMessage>

/** What a tab keeps until it is closed; a `Storage` may refuse everything. */
export type TabStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

const unsentName = 'cruddur.messages'
const draftName = (author: string, place: string): string => `cruddur.message-draft:${author}:${place}`

const notKnown = 'It may have been sent. Trying again will not send it twice.'
const nothing: readonly UnsentMessage[] = []

/** Messages on their way, those that could not be sent, and what is being written: a reload loses none of them. */
export class UnsentMessages {
  readonly #open: () => TabStore
  readonly #drafts = new Map<string, string>()
  readonly #listeners = new Set<() => void>()
  readonly #lines = new Map<string, Promise<void>>()
  #all: readonly UnsentMessage[]
  #views = new Map<string, readonly UnsentMessage[]>()

  constructor(open: () => TabStore) {
    this.#open = open
    this.#all = this.#load()
  }

  listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** In the order in which they were written; the very same until something changes. */
  at(author: string, place: string): readonly UnsentMessage[] {
    const name = `${author} ${place}`
    const view = this.#views.get(name) ?? this.#all.filter((each) => each.author === author && each.place === place)
    this.#views.set(name, view)
    return view.length > 0 ? view : nothing
  }

  keep(unsent: UnsentMessage): void {
    const isKnown = this.#all.some(({ key }) => key === unsent.key)
    this.#change(isKnown ? this.#all.map((each) => (each.key === unsent.key ? unsent : each)) : [...this.#all, unsent])
  }

  forget(key: string): void {
    this.#change(this.#all.filter((each) => each.key !== key))
  }

  /** What was written to a person belongs into the conversation that has begun. */
  move(author: string, from: string, to: string): void {
    this.#change(
      this.#all.map((each) => (each.author === author && each.place === from ? { ...each, place: to } : each)),
    )
    this.setDraft(author, to, this.draft(author, from))
    this.setDraft(author, from, '')
  }

  /** One after the other, in the order in which they were written: a later one does not overtake. */
  async inLine(place: string, send: () => Promise<void>): Promise<void> {
    const before = this.#lines.get(place)
    const turn = before ? before.catch(() => {}).then(send) : send()
    this.#lines.set(place, turn)
    try {
      await turn
    } finally {
      if (this.#lines.get(place) === turn) this.#lines.delete(place)
    }
  }

  draft(author: string, place: string): string {
    const name = draftName(author, place)
    return this.#drafts.get(name) ?? this.#try((store) => store.getItem(name)) ?? ''
  }

  setDraft(author: string, place: string, text: string): void {
    const name = draftName(author, place)
    this.#drafts.set(name, text)
    this.#try((store) => (text ? store.setItem(name, text) : store.removeItem(name)))
  }

  #change(all: readonly UnsentMessage[]): void {
    this.#all = all
    this.#views = new Map()
    this.#try((store) =>
      all.length > 0 ? store.setItem(unsentName, JSON.stringify(all)) : store.removeItem(unsentName),
    )
    for (const listener of this.#listeners) listener()
  }

  #load(): readonly UnsentMessage[] {
    try {
      const kept = z.parse(z.array(UnsentMessage), JSON.parse(this.#try((store) => store.getItem(unsentName)) ?? '[]'))
      return kept.map((each) => (each.state === 'sending' ? { ...each, state: 'failed', sentence: notKnown } : each))
    } catch {
      return []
    }
  }

  #try<Result>(use: (store: TabStore) => Result): Result | undefined {
    try {
      return use(this.#open())
    } catch {
      return undefined
    }
  }
}
