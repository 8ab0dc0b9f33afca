import { hex, randomHex } from './hex.ts'

type Store = Pick<Storage, 'getItem' | 'setItem'>
type Saved = { random: string; startedAt: number; seenAt: number }
export type Visit = {
  /** The visit's name on spans. Missing until the browser has computed it. */
  id?: string
  /** Proves to a server that a request belongs to this visit: the id is its hash. */
  secret?: string
  named?: Promise<void>
}

const idleMs = 30 * 60_000
const maxAgeMs = 4 * 60 * 60_000

/** Browsers hash only in secure contexts. Elsewhere the visit has a random id that nothing proves. */
const visitOf = (random: string): Visit => {
  const { subtle } = crypto
  if (!subtle) return { id: random }
  const visit: Visit = { secret: random }
  visit.named = subtle.digest('SHA-256', new TextEncoder().encode(random)).then(
    (digest) => {
      visit.id = hex(digest).slice(0, 32)
    },
    () => {},
  )
  return visit
}

const read = (store: Store, key: string): Saved | undefined => {
  try {
    const saved: Partial<Saved> | null = JSON.parse(store.getItem(key) ?? 'null')
    if (saved && /^[0-9a-f]{32}$/.test(saved.random ?? '') && 'startedAt' in saved && 'seenAt' in saved)
      return saved as Saved
  } catch {}
  return undefined
}

/** A window opened by a script starts with a copy of its opener's storage, the visit included. */
const isJustOpened = (): boolean => {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  return window.opener !== null && history.length === 1 && navigation?.type === 'navigate'
}

/** A browser that blocks storage throws when `sessionStorage` is read. */
const tabStorage = (key: string): Store => {
  try {
    if (isJustOpened()) sessionStorage.removeItem(key)
    return sessionStorage
  } catch {
    return { getItem: () => null, setItem: () => {} }
  }
}

/** One visit per tab. It ends after half an hour without activity, and after four hours in any case. */
export const createSession = (store: Store, key: string, now: () => number = Date.now): (() => Visit) => {
  let saved = read(store, key)
  let visit: Visit | undefined
  let savedAt = 0
  return () => {
    const at = now()
    if (!saved || at - saved.seenAt > idleMs || at - saved.startedAt > maxAgeMs) {
      saved = { random: randomHex(16), startedAt: at, seenAt: at }
      visit = undefined
      savedAt = 0
    }
    saved.seenAt = at
    if (at - savedAt > 1_000) {
      savedAt = at
      try {
        store.setItem(key, JSON.stringify(saved))
      } catch {}
    }
    visit ??= visitOf(saved.random)
    return visit
  }
}

let session: (() => Visit) | undefined

/** Keeps the visit in the tab's storage, under this key. */
export const openSession = (key = 'trace-web.session'): (() => Visit) => {
  session = createSession(tabStorage(key), key)
  return session
}

/** Undefined before tracing starts, and where the browser cannot hash. */
export const visitSecret = (): string | undefined => session?.().secret
