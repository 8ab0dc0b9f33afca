type Store = Pick<Storage, 'getItem' | 'setItem'>
type Saved = { id: string; startedAt: number; seenAt: number }

const idleMs = 30 * 60_000
const longestMs = 4 * 60 * 60_000
const key = 'cruddur.session'

const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')

const read = (store: Store): Saved | undefined => {
  try {
    const saved: unknown = JSON.parse(store.getItem(key) ?? 'null')
    if (saved && typeof saved === 'object' && 'id' in saved && 'startedAt' in saved && 'seenAt' in saved)
      return saved as Saved
  } catch {}
  return undefined
}

/** A window that a script opened begins with a copy of its opener's storage, the opener's visit included. */
const isJustOpened = (): boolean => {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  return window.opener !== null && history.length === 1 && navigation?.type === 'navigate'
}

/** A browser that forbids storage throws at the very name of it. */
export const tabStore = (): Store => {
  try {
    if (isJustOpened()) sessionStorage.removeItem(key)
    return sessionStorage
  } catch {
    return { getItem: () => null, setItem: () => {} }
  }
}

/** One id per visit of one tab: it ends after half an hour of silence, and after four hours in any case. */
export const createSession = (store: Store, now: () => number = Date.now): (() => string) => {
  let session = read(store)
  let savedAt = 0
  return () => {
    const at = now()
    if (!session || at - session.seenAt > idleMs || at - session.startedAt > longestMs) {
      session = { id: newId(), startedAt: at, seenAt: at }
      savedAt = 0
    }
    session.seenAt = at
    if (at - savedAt > 1_000) {
      savedAt = at
      try {
        store.setItem(key, JSON.stringify(session))
      } catch {}
    }
    return session.id
  }
}
