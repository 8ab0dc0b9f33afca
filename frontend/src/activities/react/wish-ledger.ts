type Line = { wish: boolean; turns: number; confirmed: boolean | undefined; turn: Promise<void> }

/**
 * The likes, or the reposts, that are on their way. One request at a time for each activity, in the order of the clicks, and
 * only the last wish counts: a quick second click can neither overtake the first nor be lost.
 */
export class WishLedger {
  readonly #fulfil: (uuid: string, wish: boolean) => Promise<void>
  readonly #lines = new Map<string, Line>()
  readonly #listeners = new Set<() => void>()

  constructor(fulfil: (uuid: string, wish: boolean) => Promise<void>) {
    this.#fulfil = fulfil
  }

  listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  wishFor = (uuid: string): boolean | undefined => this.#lines.get(uuid)?.wish

  /** Rejects when the last wish could not be fulfilled; a wish that another one replaced is nobody's concern. */
  wish(uuid: string, wish: boolean): Promise<void> {
    const line = this.#lines.get(uuid) ?? { wish, turns: 0, confirmed: undefined, turn: Promise.resolve() }
    line.wish = wish
    line.turns += 1
    const mine = line.turns
    const isLast = () => line.turns === mine

    const turn = line.turn.then(async () => {
      if (!isLast() || line.confirmed === wish) return
      try {
        await this.#fulfil(uuid, wish)
        line.confirmed = wish
      } catch (error) {
        line.confirmed = undefined
        if (isLast()) throw error
      }
    })
    line.turn = turn
      .catch(() => {})
      .then(() => {
        if (!isLast()) return
        this.#lines.delete(uuid)
        this.#tell()
      })
    this.#lines.set(uuid, line)
    this.#tell()
    return turn
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}

/** What is shown while a wish is on its way: the server's count, and the one wish of this user that it lacks. */
export const wished = (fulfilled: boolean, count: number, wish: boolean | undefined): { on: boolean; count: number } =>
  wish === undefined || wish === fulfilled
    ? { on: fulfilled, count }
    : { on: wish, count: Math.max(0, count + (wish ? 1 : -1)) }
