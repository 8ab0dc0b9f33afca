export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const [low = Number.NaN, high = low] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  return low + (high - low) * (at - Math.floor(at))
}
export const median = (values: readonly number[]): number => quantile(values, 0.5)

export type Estimate = { readonly median: number; readonly low: number; readonly high: number }

const resamples = 2_000

/** The median over all rounds, and where 95 % of the medians of resampled rounds lie. */
export const estimate = <Round>(rounds: readonly Round[], of: (rounds: readonly Round[]) => number): Estimate => {
  const pick = () => rounds[Math.floor(Math.random() * rounds.length)] as Round
  const all = Array.from({ length: resamples }, () => of(Array.from(rounds, pick)))
  return { median: of(rounds), low: quantile(all, 0.025), high: quantile(all, 0.975) }
}

export const shuffled = <Item>(items: readonly Item[]): Item[] =>
  items
    .map((item) => [Math.random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item)
