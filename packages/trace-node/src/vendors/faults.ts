/** The parts of a request that may be reported: no other header, no query, no body. */
export type FaultyRequest = {
  readonly method: string
  readonly path: string
  readonly route?: string | undefined
  readonly host?: string | undefined
  readonly protocol?: string | undefined
  readonly userAgent?: string | undefined
}

export type Fault = {
  readonly error: unknown
  readonly level?: 'error' | 'critical'
  readonly request?: FaultyRequest | undefined
  readonly userId?: string | undefined
  readonly custom?: Readonly<Record<string, string | number | boolean>>
}

export type FaultReporter = {
  /** Returns the uuid of the item, which is sent later, or null when the fault is not reported. */
  readonly report: (fault: Fault) => string | null
  readonly flush: (deadlineMs: number) => Promise<boolean>
  readonly close: (deadlineMs: number) => Promise<void>
}

/** Without a token nothing is reported. */
export const notReported: FaultReporter = { report: () => null, flush: async () => true, close: async () => {} }
