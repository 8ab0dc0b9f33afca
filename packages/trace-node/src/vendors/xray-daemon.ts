import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { outsideTraces } from '../outside-traces.ts'
import { WrongEnvironment } from '../settings.ts'
import { messageOf } from './export-queue.ts'
import type { Signal } from './signal.ts'
import { xraySdk } from './xray-sdk.ts'

type Endpoint = { readonly host: string; readonly port: number }
/** Segments go to `udp`; the sampling rules come from `tcp`. */
export type DaemonAddress = { readonly udp: Endpoint; readonly tcp: Endpoint }

/** `host:port`, or `tcp:host:port udp:host:port`, as the X-Ray SDKs write it. */
export const parseDaemonAddress = (value: string): DaemonAddress => {
  const parts = value.trim().split(/\s+/)
  const endpointOf = (protocol: string): Endpoint => {
    const own = parts.find((part) => part.startsWith(`${protocol}:`))?.slice(protocol.length + 1)
    const [, host, digits] = /^([\w.-]+):(\d{1,5})$/.exec((parts.length === 1 ? value.trim() : own) ?? '') ?? []
    const port = Number(digits)
    if (host && port > 0 && port < 65_536 && parts.length <= 2) return { host, port }
    throw new WrongEnvironment(
      `AWS_XRAY_DAEMON_ADDRESS is wrong: "${value}" is neither host:port nor "tcp:host:port udp:host:port" (IPv4).`,
    )
  }
  return { udp: endpointOf('udp'), tcp: endpointOf('tcp') }
}

export type Daemon = {
  /** Resolves when its address is known. */
  readonly located: Promise<void>
  readonly send: (document: object, sent: (error: Error | null) => void) => void
  readonly close: () => Promise<void>
}

const largestDatagram = 61_000
const lookUpAgainMs = 60_000
const lookUpSoonMs = 5_000

/** The daemon's names are looked up once a minute: the SDK would do it for every datagram. */
export const openDaemon = ({ udp, tcp }: DaemonAddress, signal: Signal): Daemon => {
  const { daemonAddress, emitter } = xraySdk()
  const socket = createSocket('udp4').unref()
  socket.on('error', (error) => signal.failed({ error: messageOf(error) }))
  let settleLocated = () => {}
  const located = new Promise<void>((resolve) => {
    settleLocated = resolve
  })
  let isLocated = false
  let isClosed = false
  let timer: NodeJS.Timeout | undefined

  const locate = async (): Promise<void> => {
    try {
      const [udpIp, tcpIp] = await Promise.all([addressOf(udp.host), addressOf(tcp.host)])
      Object.assign(daemonAddress, { udp_ip: udpIp, udp_port: udp.port, tcp_ip: tcpIp, tcp_port: tcp.port })
      isLocated = true
      settleLocated()
    } catch (error) {
      signal.failed({ error: messageOf(error) })
    }
    if (isClosed || (isIP(udp.host) && isIP(tcp.host))) return
    timer = setTimeout(locate, isLocated ? lookUpAgainMs : lookUpSoonMs).unref()
  }
  void outsideTraces(locate)

  return {
    located,
    send: (document, sent) => {
      // The SDK formats the document and hands the datagram to this socket.
      emitter.socket = {
        send: (data, offset, length, port, address, done) => {
          if (length > largestDatagram) return sent(new Error(`a document of ${length} bytes`))
          socket.send(data, offset, length, port, address, (error) => {
            sent(error)
            done(null)
          })
        },
      }
      try {
        emitter.send(document)
      } catch (error) {
        sent(error as Error)
      }
    },
    close: () => {
      isClosed = true
      clearTimeout(timer)
      return new Promise((resolve) => socket.close(resolve))
    },
  }
}

/** IPv4 only, like the SDK's socket. */
const addressOf = async (host: string): Promise<string> =>
  isIP(host) ? host : (await lookup(host, { family: 4 })).address
