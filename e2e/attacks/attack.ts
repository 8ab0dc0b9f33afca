import { connect, type Socket } from 'node:net'

/** The running product as an attacker sees it. */
export type Target = {
  /** Where the page's server, the backend and the observatory listen. */
  readonly frontend: Address
  readonly backend: Address
  readonly observatory: Address
  /** The attacker's own address: `connect` and `request` need it as `localAddress`. */
  readonly localAddress: string
  /** What all three processes have written so far. */
  readonly output: () => string
}
export type Address = { readonly host: string; readonly port: number }

export type Attack = {
  readonly name: string
  /** Settings that the product needs for this attack. */
  readonly env?: Readonly<Record<string, string>>
  /** Attacks within bounds of its own, and says what came of it. */
  readonly run: (target: Target) => Promise<Readonly<Record<string, unknown>>>
}

/** A raw connection from the attacker's address. It never throws: a refused connection is closed. */
export const open = ({ localAddress }: Target, { host, port }: Address): Socket =>
  connect({ host, port, localAddress }).on('error', () => {})
