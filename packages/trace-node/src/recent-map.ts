/** Remembers only its newest entries. */
export class RecentMap<Key, Value> extends Map<Key, Value> {
  readonly #most: number
  // A new iterator would step over all entries that were deleted before the oldest one: 13 µs instead of 0.3 when 20,000 are kept.
  readonly #oldest = this.keys()

  constructor(most: number) {
    super()
    this.#most = most
  }

  override set(key: Key, value: Value): this {
    this.delete(key)
    super.set(key, value)
    if (this.size > this.#most) this.delete(this.#oldest.next().value as Key)
    return this
  }
}
