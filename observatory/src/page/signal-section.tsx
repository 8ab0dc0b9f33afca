import type { ReactNode } from 'react'
import type { Trace } from '../trace/span.ts'
import { type Vendor, vendorName } from '../trace/vendor.ts'
import { count } from './format.ts'

type SectionProps = { id: string; name: string; count: number; aside?: ReactNode; children: ReactNode }

export const SignalSection = ({ id, name, count, aside, children }: SectionProps) => (
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

type EmptyProps = { trace: Trace; vendor: Vendor; children: ReactNode }

/** Why a section is empty. A vendor that was set to fail may have lost what is missing. */
export const SignalEmpty = ({ trace, vendor, children }: EmptyProps) => (
  <p className="signal-empty">
    {children}
    {trace.turnedAway[vendor] > 0 && (
      <b>
        {' '}
        {vendorName[vendor]} was set to fail and lost {count(trace.turnedAway[vendor], 'request')}, perhaps also from
        this trace.
      </b>
    )}
  </p>
)

export type ShownException = {
  type: string
  message: string
  frames: { name: string; place: string; isForeign: boolean }[]
}

/** The first exception is named by its section's heading, so `isNamed` leaves its name out. */
export const Exceptions = ({ chain, isNamed }: { chain: readonly ShownException[]; isNamed: boolean }) =>
  chain.map(({ type, message, frames }, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: exceptions have no id and never move
    <div key={at} className="exception">
      {(at > 0 || !isNamed) && (
        <p>
          {at > 0 && 'Caused by '}
          <b>{type}</b> {message}
        </p>
      )}
      <ol className="frames">
        {frames.map(({ name, place, isForeign }, line) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: frames have no id and never move
          <li key={line} className={isForeign ? 'is-foreign' : ''}>
            <b>{name}</b> <code>{place}</code>
          </li>
        ))}
      </ol>
    </div>
  ))
