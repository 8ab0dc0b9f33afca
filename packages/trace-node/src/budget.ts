import { RecentMap } from './recent-map.ts'

export type Allowance = { readonly burst: number; readonly perSecond: number }
/** `each` limits one key, such as an address or a user. `everybody` limits all keys together. */
export type Limits = { readonly each: Allowance; readonly everybody?: Allowance }

type Bucket = { tokens: number; at: number }

const maxBuckets = 10_000
const unlimited: Allowance = { burst: Number.POSITIVE_INFINITY, perSecond: 0 }

/** Token buckets, one per key and one for all keys. `spend` returns the seconds to wait, or 0. */
export class Budget {
  readonly #each: Allowance
  readonly #everybody: Allowance
  readonly #now: () => number
  readonly #shared: Bucket
  readonly #own = new RecentMap<string, Bucket>(maxBuckets)

  constructor({ each, everybody = unlimited }: Limits, now: () => number = () => performance.now() / 1000) {
    this.#each = each
    this.#everybody = everybody
    this.#now = now
    this.#shared = { tokens: everybody.burst, at: now() }
  }

  spend(key: string, cost = 1): number {
    const own = this.#bucketOf(key)
    const shared = this.#refilled(this.#shared, this.#everybody)
    const wait = Math.max(secondsUntil(own, cost, this.#each), secondsUntil(shared, cost, this.#everybody))
    if (wait > 0) return Math.ceil(wait)
    own.tokens -= cost
    shared.tokens -= cost
    return 0
  }

  /** Adds tokens, up to the burst. */
  earn(key: string, tokens: number): void {
    this.#bucketOf(key).tokens += tokens
  }

  #bucketOf(key: string): Bucket {
    const bucket = this.#refilled(this.#own.get(key) ?? { tokens: this.#each.burst, at: this.#now() }, this.#each)
    this.#own.set(key, bucket)
    return bucket
  }

  #refilled(bucket: Bucket, { burst, perSecond }: Allowance): Bucket {
    const now = this.#now()
    bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.at) * perSecond)
    bucket.at = now
    return bucket
  }
}

const secondsUntil = (bucket: Bucket, cost: number, { perSecond }: Allowance): number =>
  bucket.tokens >= cost ? 0 : (cost - bucket.tokens) / perSecond
