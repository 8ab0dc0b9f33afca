import { useSyncExternalStore } from 'react'

/** As in app.css: from here on there is room beside the page. */
const wide = matchMedia('(min-width: 74.0625rem)')

const listen = (listener: () => void) => {
  wide.addEventListener('change', listener)
  return () => wide.removeEventListener('change', listener)
}

/** What nobody can see is not drawn, and not asked for. */
export const useIsWide = (): boolean => useSyncExternalStore(listen, () => wide.matches)
