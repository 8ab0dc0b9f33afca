import { setTimeout } from 'node:timers/promises'

/** Calls `look` until it returns something truthy. */
export const eventually = async <T>(
  look: () => T | Promise<T>,
  withinMs = 30_000,
): Promise<Exclude<T, false | null | undefined>> => {
  const until = performance.now() + withinMs
  for (;;) {
    const seen = await look()
    if (seen) return seen as Exclude<T, false | null | undefined>
    if (performance.now() > until) throw new Error(`nothing was seen within ${withinMs} ms of: ${look}`)
    await setTimeout(25)
  }
}
