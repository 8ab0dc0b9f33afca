import { createContext, useCallback, useContext, useSyncExternalStore } from 'react'

/** One tick a second for everything that shows a time. React renders only the times whose words have changed. */
export class Clock {
  readonly #now: () => number
  readonly #listeners = new Set<() => void>()
  #timer: ReturnType<typeof setInterval> | undefined
  #time: number

  constructor(now: () => number) {
    this.#now = now
    this.#time = now()
  }

  time = (): number => this.#time

  listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    this.#timer ??= setInterval(this.#tick, 1_000)
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }

  #tick = (): void => {
    this.#time = this.#now()
    for (const listener of this.#listeners) listener()
  }
}

export const ClockContext = createContext(new Clock(Date.now))

export const useTimed = <Words extends string | number | boolean>(words: (now: number) => Words): Words => {
  const clock = useContext(ClockContext)
  return useSyncExternalStore(
    clock.listen,
    useCallback(() => words(clock.time()), [clock, words]),
  )
}
