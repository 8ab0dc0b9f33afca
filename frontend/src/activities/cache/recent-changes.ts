import type { Reply } from '@cruddur/shared/activities'

/** What may become known about an activity that is shown already. */
export type Change = Partial<Pick<Reply, 'likes_count' | 'replies_count' | 'reposts_count' | 'liked' | 'reposted'>>

type Known = { change: Change & Partial<Pick<Reply, 'expires_at'>>; at: number; isGone: boolean }

const remembered = 200

/**
 * A page that was asked for before something changed, and comes after it, does not know of the change. What became known
 * lately is remembered, to be told to such a page.
 */
export class RecentChanges {
  readonly #known = new Map<string, Known>()
  readonly #now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  note(uuid: string, change: Change): void {
    const known = this.#known.get(uuid)
    if (!known?.isGone) this.#set(uuid, { change: { ...known?.change, ...change }, at: this.#now(), isGone: false })
  }

  /** What is deleted has expired, before its time: wherever it comes from, it is not shown any more. */
  noteGone(uuid: string, expires_at: string): void {
    this.#set(uuid, { change: { expires_at }, at: this.#now(), isGone: true })
  }

  /** The very same where nothing has changed since. */
  apply<Shown extends Reply>(activity: Shown, askedAt: number): Shown {
    const known = this.#known.get(activity.uuid)
    return known && (known.isGone || known.at >= askedAt) ? { ...activity, ...known.change } : activity
  }

  #set(uuid: string, known: Known): void {
    this.#known.delete(uuid)
    this.#known.set(uuid, known)
    const [oldest] = this.#known.keys()
    if (this.#known.size > remembered && oldest) this.#known.delete(oldest)
  }
}
