import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'

export type Endpoint = { readonly host: string; readonly port: number }
export type DaemonAddress = { readonly udp: Endpoint; readonly tcp: Endpoint }

export class WrongDaemonAddress extends Error {}

/** `host:port`, or `tcp:host:port udp:host:port`, as the X-Ray SDKs write it. */
export const parseDaemonAddress = (value: string): DaemonAddress => {
  const parts = value.trim().split(/\s+/)
  const [first = ''] = parts
  if (parts.length === 1) {
    const endpoint = endpointIn(first, value)
    return { udp: endpoint, tcp: endpoint }
  }
  const named = (protocol: string) => {
    const found = parts.find((part) => part.startsWith(`${protocol}:`))
    return endpointIn(found?.slice(protocol.length + 1) ?? '', value)
  }
  if (parts.length > 2) throw wrong(value)
  return { udp: named('udp'), tcp: named('tcp') }
}

const endpointIn = (text: string, value: string): Endpoint => {
  const [, host, digits] = /^([\w.-]+):(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (!host || !(port > 0 && port < 65_536)) throw wrong(value)
  return { host, port }
}

const wrong = (value: string): WrongDaemonAddress =>
  new WrongDaemonAddress(
    `AWS_XRAY_DAEMON_ADDRESS is wrong: "${value}" is neither host:port nor "tcp:host:port udp:host:port" (IPv4).`,
  )

/** The emitter sends to IPv4 only, and by name it would look the name up for every datagram. */
export const resolve = async ({ host, port }: Endpoint): Promise<Endpoint> =>
  isIP(host) ? { host, port } : { host: (await lookup(host, { family: 4 })).address, port }
