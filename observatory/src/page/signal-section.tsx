import type { ReactNode } from 'react'
import type { Trace } from '../trace/span.ts'
import { type Vendor, vendorName } from '../trace/vendor.ts'
import { count } from './format.ts'

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

/** What a vendor did not take while it played broken may be what is missing here. */
export const TurnedAway = ({ trace, vendor }: { trace: Trace; vendor: Vendor }) =>
  trace.turnedAway[vendor] > 0 && (
    <b>
      {' '}
      {vendorName[vendor]} has played broken, and {count(trace.turnedAway[vendor], 'sending')} to it came to nothing:
      perhaps the one that is missing here.
    </b>
  )
