import { isIPv6 } from 'node:net'

export type Allowance = { readonly burst: number; readonly perSecond: number }
export type Limits = { readonly address: Allowance; readonly everybody: Allowance }

type Bucket = { tokens: number; at: number }

const maxAddresses = 10_000

/** Token buckets, one for each address and one for all. `spend` says how many seconds to wait, or 0. */
export class Budget {
  readonly #limits: Limits
  readonly #now: () => number
  readonly #everybody: Bucket
  readonly #addresses = new Map<string, Bucket>()

  constructor(limits: Limits, now: () => number = () => performance.now() / 1000) {
    this.#limits = limits
    this.#now = now
    this.#everybody = { tokens: limits.everybody.burst, at: now() }
  }

  spend(address: string, cost: number): number {
    const own = this.#bucketOf(networkOf(address))
    const everybody = this.#refilled(this.#everybody, this.#limits.everybody)
    const wait = Math.max(
      secondsUntil(own, cost, this.#limits.address),
      secondsUntil(everybody, cost, this.#limits.everybody),
    )
    if (wait > 0) return Math.ceil(wait)
    own.tokens -= cost
    everybody.tokens -= cost
    return 0
  }

  get addresses(): number {
    return this.#addresses.size
  }

  #bucketOf(network: string): Bucket {
    const known = this.#addresses.get(network)
    const bucket = this.#refilled(
      known ?? { tokens: this.#limits.address.burst, at: this.#now() },
      this.#limits.address,
    )
    // Last used, last in: the first is the one that has been quiet for longest.
    this.#addresses.delete(network)
    this.#addresses.set(network, bucket)
    if (this.#addresses.size > maxAddresses) this.#addresses.delete(this.#addresses.keys().next().value as string)
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
  Math.max(0, (cost - bucket.tokens) / perSecond)

/** One customer is given a whole IPv6 network: a /56 counts as one address. */
export const networkOf = (address: string): string => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped) return mapped[1] as string
  if (!isIPv6(address)) return address
  const [head = '', tail] = (address.split('%')[0] as string).split('::')
  const left = head.split(':').filter(Boolean)
  const right = tail === undefined ? [] : tail.split(':').filter(Boolean)
  const groups = [...left, ...Array(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  const [a, b, c, d] = groups.map((group) => Number.parseInt(group, 16))
  return [a, b, c, (d ?? 0) >> 8].map((group) => (group ?? 0).toString(16)).join(':')
}
