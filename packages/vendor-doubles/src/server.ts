import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Tls } from './certificate.ts'
import type { Fault } from './fault.ts'
import { createHandler, type HandlerOptions } from './handler.ts'
import type { Protocol } from './protocol.ts'

/** Connections as the vendor counts them. */
export type SocketCount = { open: number; mostOpen: number }

export type ServerOptions = Pick<HandlerOptions, 'received'> & {
  /** 0 or nothing: a free port. */
  readonly port?: number | undefined
  readonly tls?: Tls | undefined
  /** Counts the connections of several vendors together. */
  readonly allSockets?: SocketCount | undefined
}

export type VendorServer = {
  readonly port: number
  readonly url: string
  /** The vendor's fault from now on. null: it is healthy. */
  fault: Fault | null
  readonly sockets: SocketCount
  readonly stop: () => Promise<void>
}

const host = '127.0.0.1'
const timeouts = { keepAliveTimeout: 60_000, requestTimeout: 15_000, headersTimeout: 10_000 }
/** Gives answers that are being written time to arrive. */
const hangUpAfterMs = 50

/** One vendor on a port of its own. */
export const startServer = async (protocol: Protocol, options: ServerOptions = {}): Promise<VendorServer> => {
  const { tls, received, allSockets = { open: 0, mostOpen: 0 } } = options
  const count: SocketCount = { open: 0, mostOpen: 0 }
  const open = new Set<Socket>()
  let fault: Fault | null = null

  const handle = createHandler(protocol, { fault: () => fault, ...(received && { received }) })
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    if (isLocal(request.headers.host)) handle(request, response).catch(() => response.destroy())
    else response.writeHead(403).end()
  }
  const inner = tls
    ? https.createServer({ ...timeouts, ...tls.trusted }, listener)
    : http.createServer(timeouts, listener)
  inner.on('clientError', (_error, socket) => socket.destroy())
  inner.on('tlsClientError', (_error, socket) => socket.destroy())

  // HTTP never sees a connection that falls into a black hole.
  const outer = createServer({ noDelay: true }, (socket) => {
    open.add(socket)
    for (const one of [count, allSockets]) one.mostOpen = Math.max(one.mostOpen, ++one.open)
    socket.on('error', () => {})
    socket.on('close', () => {
      open.delete(socket)
      for (const one of [count, allSockets]) one.open--
    })
    if (fault !== 'black hole') inner.emit('connection', socket)
  })
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      outer.once('error', reject).listen(port, host, () => {
        outer.off('error', reject)
        resolve()
      })
    })
  const hangUp = async () => {
    const sockets = [...open]
    await delay(hangUpAfterMs, undefined, { ref: false })
    for (const socket of sockets) socket.destroy()
  }

  await listen(options.port ?? 0)
  const { port } = outer.address() as AddressInfo
  return {
    port,
    url: `${tls ? 'https' : 'http'}://${host}:${port}`,
    sockets: count,
    get fault() {
      return fault
    },
    set fault(next) {
      fault = next
      if (tls && inner instanceof https.Server) inner.setSecureContext(next === 'bad TLS' ? tls.untrusted : tls.trusted)
      if (next === 'closed') outer.close()
      else if (!outer.listening) void listen(port)
      if (next === 'closed' || next === 'bad TLS') void hangUp()
    },
    stop: async () => {
      const closed = outer.listening && new Promise((resolve) => outer.close(resolve))
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}

/** With DNS rebinding, a foreign name resolves to this machine. The Host header still has that name. */
export const isLocal = (host: string | undefined): boolean =>
  /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host ?? '')
