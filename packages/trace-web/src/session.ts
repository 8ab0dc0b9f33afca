type Store = Pick<Storage, 'getItem' | 'setItem'>
type Visit = { id: string; startedAt: number; seenAt: number }

const idleMs = 30 * 60_000
const maxAgeMs = 4 * 60 * 60_000

const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')

const read = (store: Store, key: string): Visit | undefined => {
  try {
    const saved: unknown = JSON.parse(store.getItem(key) ?? 'null')
    if (saved && typeof saved === 'object' && 'id' in saved && 'startedAt' in saved && 'seenAt' in saved)
      return saved as Visit
  } catch {}
  return undefined
}

/** A window opened by a script starts with a copy of its opener's storage, the visit included. */
const isJustOpened = (): boolean => {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  return window.opener !== null && history.length === 1 && navigation?.type === 'navigate'
}

/** A browser that blocks storage throws when `sessionStorage` is read. */
export const tabStorage = (key: string): Store => {
  try {
    if (isJustOpened()) sessionStorage.removeItem(key)
    return sessionStorage
  } catch {
    return { getItem: () => null, setItem: () => {} }
  }
}

/** One id per visit and tab. A visit ends after half an hour without activity, and after four hours in any case. */
export const createSession = (store: Store, key: string, now: () => number = Date.now): (() => string) => {
  let visit = read(store, key)
  let savedAt = 0
  return () => {
    const at = now()
    if (!visit || at - visit.seenAt > idleMs || at - visit.startedAt > maxAgeMs) {
      visit = { id: newId(), startedAt: at, seenAt: at }
      savedAt = 0
    }
    visit.seenAt = at
    if (at - savedAt > 1_000) {
      savedAt = at
      try {
        store.setItem(key, JSON.stringify(visit))
      } catch {}
    }
    return visit.id
  }
}
