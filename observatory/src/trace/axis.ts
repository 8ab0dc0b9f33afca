/** Round times that divide the axis into about `wanted` equal steps. */
export const ticksOf = (lengthMs: number, wanted: number): number[] => {
  if (!(lengthMs > 0)) return [0]
  const rough = lengthMs / Math.max(1, wanted)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power
  return Array.from({ length: Math.floor(lengthMs / step) + 1 }, (_, at) => at * step)
}
