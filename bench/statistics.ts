export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const [low = Number.NaN, high = low] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  return low + (high - low) * (at - Math.floor(at))
}
export const median = (values: readonly number[]): number => quantile(values, 0.5)

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** With 95 % certainty the true value is between `value − half` and `value + half`. */
export type Estimate = { readonly value: number; readonly half: number }

/** Student's t for 95 %, by degrees of freedom. */
const student = [Number.NaN, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262]

/** The mean over all sets with its 95 % interval. Values of one set come from the same processes, so only sets are independent. */
export const estimate = (sets: readonly number[]): Estimate => {
  const [value, freedom] = [mean(sets), sets.length - 1]
  const variance = sets.reduce((sum, one) => sum + (one - value) ** 2, 0) / freedom
  return { value, half: (student[freedom] ?? (student.at(-1) as number)) * Math.sqrt(variance / sets.length) }
}

export const shuffled = <Item>(items: readonly Item[]): Item[] =>
  items
    .map((item) => [Math.random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item)
