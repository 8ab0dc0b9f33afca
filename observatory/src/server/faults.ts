import type { FaultName } from '@cruddur/vendor-doubles/fault'
import { type Mode, type Modes, modes, type Vendor, vendors } from '../trace/vendor.ts'

export class BadFaults extends Error {}

const faultOf: Record<Mode, FaultName | null> = {
  healthy: null,
  refuse: 'reset',
  hang: 'hang',
  drip: 'drip',
  401: '401',
  429: '429',
  500: '500',
}

/** Which vendors are broken, and how. */
export class Faults {
  #modes: Modes = { honeycomb: 'healthy', xray: 'healthy', rollbar: 'healthy', cloudwatch: 'healthy' }

  get modes(): Modes {
    return { ...this.#modes }
  }

  of(vendor: Vendor): FaultName | null {
    return faultOf[this.#modes[vendor]]
  }

  /** Vendors that are not named stay as they are. */
  change(given: unknown): void {
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      throw new BadFaults('an object is expected')
    for (const [vendor, mode] of Object.entries(given)) {
      if (!vendors.includes(vendor as Vendor)) throw new BadFaults(`${vendor} is not one of ${vendors.join(', ')}`)
      if (!modes.includes(mode as Mode)) throw new BadFaults(`${vendor} can be ${modes.join(', ')}`)
    }
    this.#modes = { ...this.#modes, ...given }
  }
}
