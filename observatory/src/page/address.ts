import { type MouseEvent, useSyncExternalStore } from 'react'

const listeners = new Set<() => void>()
const notify = () => {
  for (const listener of listeners) listener()
}
addEventListener('popstate', notify)

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const useAddress = (): URL => new URL(useSyncExternalStore(subscribe, () => location.href))

export const go = (to: string): void => {
  history.pushState(null, '', to)
  notify()
  scrollTo(0, 0)
}

/** Adds no history entry: for a chosen span, or a search while the user types it. */
export const replaceParameters = (parameters: Record<string, string | null>): void => {
  const url = new URL(location.href)
  for (const [name, value] of Object.entries(parameters)) {
    if (value) url.searchParams.set(name, value)
    else url.searchParams.delete(name)
  }
  history.replaceState(null, '', url)
  notify()
}

/** Opens a link in the page; a click with a modifier is left to the browser. */
export const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
  const { metaKey, ctrlKey, shiftKey, altKey } = event
  if (event.button !== 0 || metaKey || ctrlKey || shiftKey || altKey) return
  event.preventDefault()
  go(event.currentTarget.pathname + event.currentTarget.search)
}
