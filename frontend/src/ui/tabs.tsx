import type { ReactNode } from 'react'

/** Pages beside each other. Its children are links with `className="tab"`; the one with `aria-current` is open. */
export const Tabs = ({ label, children }: { label: string; children: ReactNode }) => (
  <nav className="tabs" aria-label={label}>
    {children}
  </nav>
)
