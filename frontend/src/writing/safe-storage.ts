/** Storage that never throws. If the browser refuses (full disk, policy), memory takes over until the page closes. */
export class SafeStorage {
  readonly #open: () => Storage
  readonly #memory = new Map<string, string>()

  constructor(open: () => Storage) {
    this.#open = open
  }

  get(name: string): string | null {
    return this.#memory.get(name) ?? this.#try((storage) => storage.getItem(name)) ?? null
  }

  set(name: string, value: string): void {
    const isKept = this.#try((storage) => {
      storage.setItem(name, value)
      return true
    })
    if (isKept) this.#memory.delete(name)
    else this.#memory.set(name, value)
  }

  remove(name: string): void {
    this.#memory.delete(name)
    this.#try((storage) => storage.removeItem(name))
  }

  names(prefix: string): string[] {
    const kept = this.#try((storage) => Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? ''))
    return [...new Set([...(kept ?? []), ...this.#memory.keys()])].filter((name) => name.startsWith(prefix))
  }

  #try<Result>(use: (storage: Storage) => Result): Result | undefined {
    try {
      return use(this.#open())
    } catch {
      return undefined
    }
  }
}
