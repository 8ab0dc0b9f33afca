/** The account of one signal: created = delivered + queued + the sum of dropped, at any time. */
export type SignalAccount = {
  created: number
  delivered: number
  queued: number
  /** By reason. */
  dropped: Record<string, number>
}

export type SignalState = SignalAccount & {
  name: string
  /** null when this signal is off. */
  destination: string | null
  /** Why it has this destination, or why it is off. */
  because: string
  /** null when no attempt has failed for a while. */
  lastError: string | null
  lastStatus: number | null
}
