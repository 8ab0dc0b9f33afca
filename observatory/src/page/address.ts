import { type MouseEvent, useSyncExternalStore } from 'react'

const watchers = new Set<() => void>()
const changed = () => {
  for (const watcher of watchers) watcher()
}
addEventListener('popstate', changed)

const watch = (watcher: () => void) => {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

export const useAddress = (): URL => new URL(useSyncExternalStore(watch, () => location.href))

export const go = (to: string): void => {
  history.pushState(null, '', to)
  changed()
  scrollTo(0, 0)
}

/** For what one would not want to step back through: a chosen span, a search being typed. */
export const replaceParameters = (parameters: Record<string, string | null>): void => {
  const url = new URL(location.href)
  for (const [name, value] of Object.entries(parameters)) {
    if (value) url.searchParams.set(name, value)
    else url.searchParams.delete(name)
  }
  history.replaceState(null, '', url)
  changed()
}

/** Plain clicks stay in the page; a click with a modifier is the browser's. */
export const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
  if (
    event.defaultPrevented ||
    event.button !== 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey
  ) {
    return
  }
  event.preventDefault()
  go(event.currentTarget.pathname + event.currentTarget.search)
}
