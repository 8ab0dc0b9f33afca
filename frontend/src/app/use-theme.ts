import { useEffect, useSyncExternalStore } from 'react'

type Theme = 'dark' | 'light'

const prefersLight = matchMedia('(prefers-color-scheme: light)')
const listeners = new Set<() => void>()
const listen = (listener: () => void) => {
  listeners.add(listener)
  prefersLight.addEventListener('change', listener)
  return () => {
    listeners.delete(listener)
    prefersLight.removeEventListener('change', listener)
  }
}

const themeNow = (): Theme => {
  const { theme } = document.documentElement.dataset
  if (theme === 'dark' || theme === 'light') return theme
  return prefersLight.matches ? 'light' : 'dark'
}

/** The browser draws its own bars in the page's colour. */
const colourBrowser = (): void => {
  const { backgroundColor } = getComputedStyle(document.documentElement)
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]'))
    meta.content = backgroundColor
}

/** The other theme, and a function that switches to it. */
export const useTheme = () => {
  const other: Theme = useSyncExternalStore(listen, themeNow) === 'dark' ? 'light' : 'dark'
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme sets the colour
  useEffect(colourBrowser, [other])
  const change = () => {
    document.documentElement.dataset.theme = other
    try {
      localStorage.setItem('theme', other)
    } catch {
      // The browser may refuse storage: then the theme lasts as long as the page.
    }
    for (const listener of listeners) listener()
  }
  return { other, change }
}
