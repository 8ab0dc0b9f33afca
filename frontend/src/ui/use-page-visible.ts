import { useSyncExternalStore } from 'react'

const listen = (listener: () => void) => {
  document.addEventListener('visibilitychange', listener)
  return () => document.removeEventListener('visibilitychange', listener)
}

export const usePageVisible = (): boolean => useSyncExternalStore(listen, () => document.visibilityState === 'visible')
