/** Of many wishes to read something anew, in a moment, one reading each. */
export class Soon {
  readonly #read: (key: readonly string[]) => void
  readonly #waitMs: number
  readonly #wanted = new Map<string, readonly string[]>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(read: (key: readonly string[]) => void, waitMs: number) {
    this.#read = read
    this.#waitMs = waitMs
  }

  ask(key: readonly string[]): void {
    this.#wanted.set(key.join('\n'), key)
    this.#timer ??= setTimeout(() => {
      const wanted = [...this.#wanted.values()]
      this.cancel()
      for (const each of wanted) this.#read(each)
    }, this.#waitMs)
  }

  cancel(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#wanted.clear()
  }
}
