const most = 100

/** How far each entry of the tab's history was scrolled. */
export class ScrollMemory {
  readonly #places: Map<string, number>

  constructor(saved: string | null = null) {
    this.#places = new Map(placesIn(saved))
  }

  remember(entry: string, top: number): void {
    this.#places.delete(entry)
    this.#places.set(entry, Math.round(top))
    const [oldest] = this.#places.keys()
    if (this.#places.size > most && oldest !== undefined) this.#places.delete(oldest)
  }

  topOf(entry: string): number {
    return this.#places.get(entry) ?? 0
  }

  save(): string {
    return JSON.stringify([...this.#places])
  }
}

const isPlace = (place: unknown): place is [string, number] =>
  Array.isArray(place) && typeof place[0] === 'string' && Number.isFinite(place[1])

const placesIn = (saved: string | null): [string, number][] => {
  try {
    const places: unknown = JSON.parse(saved ?? '[]')
    return Array.isArray(places) ? places.filter(isPlace) : []
  } catch {
    return []
  }
}
