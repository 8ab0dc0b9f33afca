export type Refetch<Cause> = { readonly key: readonly string[]; readonly causes: ReadonlySet<Cause> }

/** Collects for a moment which query keys to fetch again, and why. */
export class RefetchBatch<Cause> {
  readonly #fetch: (refetches: Refetch<Cause>[]) => Refetch<Cause>[]
  readonly #waitMs: number
  readonly #refetches = new Map<string, { key: readonly string[]; causes: Set<Cause> }>()
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `fetch` returns the refetches that have to wait for the next batch. */
  constructor(fetch: (refetches: Refetch<Cause>[]) => Refetch<Cause>[], waitMs: number) {
    this.#fetch = fetch
    this.#waitMs = waitMs
  }

  add(key: readonly string[], causes: Iterable<Cause>): void {
    const name = key.join('\n')
    const refetch = this.#refetches.get(name) ?? { key, causes: new Set<Cause>() }
    for (const cause of causes) refetch.causes.add(cause)
    this.#refetches.set(name, refetch)
    this.#timer ??= setTimeout(() => {
      const refetches = [...this.#refetches.values()]
      this.cancel()
      for (const { key, causes } of this.#fetch(refetches)) this.add(key, causes)
    }, this.#waitMs)
  }

  cancel(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#refetches.clear()
  }
}
