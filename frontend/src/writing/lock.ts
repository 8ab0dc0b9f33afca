/**
 * Waits until no other tab holds the lock, then gives the function that releases it. Without locks in the browser, the
 * idempotency key still prevents a second copy.
 *
 * The caller awaits it before its work. A callback of the browser would run that work outside of the click's trace.
 */
export const lock = (name: string): Promise<() => void> =>
  new Promise((resolve) => {
    const goWithout = () => resolve(() => {})
    if (!navigator.locks) return goWithout()
    navigator.locks.request(name, () => new Promise<void>((release) => resolve(release))).catch(goWithout)
  })
