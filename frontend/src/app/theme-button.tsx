import { useState, useSyncExternalStore } from 'react'
import { Icon } from '../ui/icons.tsx'

type Theme = 'dark' | 'light'

const prefersLight = matchMedia('(prefers-color-scheme: light)')
const listen = (listener: () => void) => {
  prefersLight.addEventListener('change', listener)
  return () => prefersLight.removeEventListener('change', listener)
}

const chosenTheme = (): Theme | null => {
  const { theme } = document.documentElement.dataset
  return theme === 'dark' || theme === 'light' ? theme : null
}

export const ThemeButton = () => {
  const system: Theme = useSyncExternalStore(listen, () => prefersLight.matches) ? 'light' : 'dark'
  const [chosen, setChosen] = useState(chosenTheme)
  const other: Theme = (chosen ?? system) === 'dark' ? 'light' : 'dark'

  const change = () => {
    document.documentElement.dataset.theme = other
    try {
      localStorage.setItem('theme', other)
    } catch {
      // Private windows may refuse; the theme then lasts as long as the page.
    }
    setChosen(other)
  }

  return (
    <button type="button" className="bar-item" data-trace="theme" onClick={change}>
      <Icon name={other === 'light' ? 'sun' : 'moon'} size={24} />
      <span className="bar-label">{other === 'light' ? 'Light' : 'Dark'}</span>
      <span className="visually-hidden"> theme</span>
    </button>
  )
}
