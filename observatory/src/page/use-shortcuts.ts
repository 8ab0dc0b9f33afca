import { useEffect } from 'react'

/** Single keys for the whole page, except in a field or a dialog. */
export const useShortcuts = (shortcuts: Record<string, () => void>): void => {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      const target = event.target as HTMLElement
      if (target.closest('input, select, textarea, dialog')) return
      const shortcut = shortcuts[event.key]
      if (!shortcut) return
      event.preventDefault()
      shortcut()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  })
}
