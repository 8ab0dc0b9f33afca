/** Of many wishes to read something anew, in a moment, one reading each. */
export class Soon {
  readonly #read: (key: readonly string[]) => boolean
  readonly #waitMs: number
  readonly #wanted = new Map<string, readonly string[]>()
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `read` says false when it cannot be read just now: then it is wanted still. */
  constructor(read: (key: readonly string[]) => boolean, waitMs: number) {
    this.#read = read
    this.#waitMs = waitMs
  }

  ask(key: readonly string[]): void {
    this.#wanted.set(key.join('\n'), key)
    this.#timer ??= setTimeout(() => {
      const wanted = [...this.#wanted.values()]
      this.cancel()
      for (const each of wanted) if (!this.#read(each)) this.ask(each)
    }, this.#waitMs)
  }

  cancel(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#wanted.clear()
  }
}
