import type { Reply } from '@cruddur/shared/activities'

/** The parts of a shown activity that may change. */
export type Change = Partial<Pick<Reply, 'likes_count' | 'replies_count' | 'reposts_count' | 'liked' | 'reposted'>>

type Known = { change: Change & Partial<Pick<Reply, 'expires_at'>>; at: number; isDeleted: boolean }

const most = 200

/** Remembers the latest changes, for pages that were requested before a change and arrive after it. */
export class RecentChanges {
  readonly #known = new Map<string, Known>()
  readonly #now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  note(uuid: string, change: Change): void {
    const known = this.#known.get(uuid)
    if (!known?.isDeleted)
      this.#set(uuid, { change: { ...known?.change, ...change }, at: this.#now(), isDeleted: false })
  }

  /** A deleted activity counts as expired in every page that still contains it. */
  noteDeleted(uuid: string, expires_at: string): void {
    this.#set(uuid, { change: { expires_at }, at: this.#now(), isDeleted: true })
  }

  /** Returns the same object if nothing has changed since `askedAt`. */
  apply<Shown extends Reply>(activity: Shown, askedAt: number): Shown {
    const known = this.#known.get(activity.uuid)
    return known && (known.isDeleted || known.at >= askedAt) ? { ...activity, ...known.change } : activity
  }

  #set(uuid: string, known: Known): void {
    this.#known.delete(uuid)
    this.#known.set(uuid, known)
    const [oldest] = this.#known.keys()
    if (this.#known.size > most && oldest) this.#known.delete(oldest)
  }
}
