/** Counts other users' activities that came after a list was fetched. They wait until the user asks for them. */
export class NewActivities {
  readonly #byList = new Map<string, Map<string, number>>()
  readonly #listeners = new Set<() => void>()
  readonly #now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  count = (list: string): number => this.#byList.get(list)?.size ?? 0

  note(list: string, uuid: string): void {
    const known = this.#byList.get(list) ?? new Map<string, number>()
    if (known.has(uuid)) return
    this.#byList.set(list, known.set(uuid, this.#now()))
    this.#tell()
  }

  /** The activity is now shown, or it was deleted. */
  forget(uuid: string): void {
    const wasKnown = [...this.#byList.values()].map((known) => known.delete(uuid))
    if (wasKnown.includes(true)) this.#tell()
  }

  /** The list was fetched again, and has everything that came before the request. */
  clear(list: string, askedAt: number): void {
    const known = this.#byList.get(list)
    if (!known?.size) return
    for (const [uuid, at] of known) if (at <= askedAt) known.delete(uuid)
    this.#tell()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
