import type { Likes } from '@cruddur/shared/activities'

type Line = { wish: boolean; turns: number; confirmed: boolean | undefined; turn: Promise<void> }

const rememberedAnswers = 50

/**
 * The likes that are on their way. One request at a time for each activity, in the order of the clicks, and only the
 * last wish counts: a quick second click can neither overtake the first nor be lost.
 */
export class LikeLedger {
  readonly #send: (uuid: string, liked: boolean) => Promise<Likes>
  readonly #answered: (likes: Likes) => void
  readonly #now: () => number
  readonly #lines = new Map<string, Line>()
  readonly #answers = new Map<string, { likes: Likes; at: number }>()
  readonly #listeners = new Set<() => void>()

  constructor(
    send: (uuid: string, liked: boolean) => Promise<Likes>,
    answered: (likes: Likes) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#send = send
    this.#answered = answered
    this.#now = now
  }

  listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  wishFor = (uuid: string): boolean | undefined => this.#lines.get(uuid)?.wish

  /** Rejects when the last wish could not be fulfilled; a wish that another one replaced is nobody's concern. */
  wish(uuid: string, liked: boolean): Promise<void> {
    const line = this.#lines.get(uuid) ?? { wish: liked, turns: 0, confirmed: undefined, turn: Promise.resolve() }
    line.wish = liked
    line.turns += 1
    const mine = line.turns
    const isLast = () => line.turns === mine

    const turn = line.turn.then(async () => {
      if (!isLast() || line.confirmed === liked) return
      try {
        const likes = await this.#send(uuid, liked)
        line.confirmed = likes.liked
        this.#remember(likes)
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

  /** A page that was asked for before an answer, and came after it, may not know of that answer. */
  answersSince(time: number): Map<string, Likes> {
    return new Map([...this.#answers].filter(([, { at }]) => at >= time).map(([uuid, { likes }]) => [uuid, likes]))
  }

  #remember(likes: Likes): void {
    this.#answers.delete(likes.uuid)
    this.#answers.set(likes.uuid, { likes, at: this.#now() })
    const [oldest] = this.#answers.keys()
    if (this.#answers.size > rememberedAnswers && oldest) this.#answers.delete(oldest)
    this.#answered(likes)
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
