export type Wish<Cause> = { readonly key: readonly string[]; readonly causes: ReadonlySet<Cause> }

/** Gathers for a moment what is to be read anew, and why. */
export class Soon<Cause> {
  readonly #read: (wishes: Wish<Cause>[]) => Wish<Cause>[]
  readonly #waitMs: number
  readonly #wishes = new Map<string, { key: readonly string[]; causes: Set<Cause> }>()
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `read` gives back the wishes that must wait for the next moment. */
  constructor(read: (wishes: Wish<Cause>[]) => Wish<Cause>[], waitMs: number) {
    this.#read = read
    this.#waitMs = waitMs
  }

  ask(key: readonly string[], causes: Iterable<Cause>): void {
    const name = key.join('\n')
    const wish = this.#wishes.get(name) ?? { key, causes: new Set<Cause>() }
    for (const cause of causes) wish.causes.add(cause)
    this.#wishes.set(name, wish)
    this.#timer ??= setTimeout(() => {
      const wishes = [...this.#wishes.values()]
      this.cancel()
      for (const { key, causes } of this.#read(wishes)) this.ask(key, causes)
    }, this.#waitMs)
  }

  cancel(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#wishes.clear()
  }
}
