import type { ReactNode } from 'react'

type Given = { id: string; name: string; count: number; aside?: ReactNode; children: ReactNode }

export const SignalSection = ({ id, name, count, aside, children }: Given) => (
  <section className="signal" id={id} aria-labelledby={`${id}-name`} tabIndex={-1}>
    <header>
      <h2 id={`${id}-name`}>
        {name} <span className="signal-count">{count.toLocaleString('en-GB')}</span>
      </h2>
      {aside}
    </header>
    {children}
  </section>
)

export const SignalEmpty = ({ children }: { children: ReactNode }) => <p className="signal-empty">{children}</p>
