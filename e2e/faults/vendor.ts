import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import type { Tls } from '@cruddur/vendor-doubles/certificate'

/** What a vendor can do to us. `no key` is not the vendor's doing: it is an environment in which the key is missing. */
export const faults = [
  'closed port',
  'black hole',
  'drip',
  'refused key',
  'rate limit',
  '500',
  'HTML 502',
  'wrong TLS',
] as const
export type Fault = (typeof faults)[number]
export type Mode = Fault | 'healthy'

export type Asked = {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  /** Unpacked. */
  readonly body: Buffer
}
export type Reply = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** The ids of what was taken in with it. */
  readonly taken?: readonly string[]
}

/** How one vendor speaks: by its own documents, see docs/faults.md. */
export type Protocol = {
  readonly answer: (asked: Asked) => Reply
  readonly refusals: Readonly<Record<'refused key' | 'rate limit' | '500', (asked: Asked) => Reply>>
}

export type Tally = {
  readonly connections: number
  readonly open: number
  readonly mostOpen: number
  readonly requests: number
  readonly taken: number
  /** Taken in once more, though it had been taken in before. */
  readonly takenTwice: number
  /** From the end of the last fault until something was taken in again; null: not yet. */
  readonly resumedAfterMs: number | null
}

const html502: Reply = {
  status: 502,
  headers: { 'Content-Type': 'text/html' },
  body: '<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>',
}
const dripMs = 1_000
const settlesWithinMs = 50

export type Sockets = { open: number; mostOpen: number }

/** One vendor on a port of its own that can be made to fail, in every way, while it runs. */
export const startVendor = async (
  { answer, refusals }: Protocol,
  { tls, sockets: all }: { tls?: { right: Tls['trusted']; wrong: Tls['untrusted'] }; sockets: Sockets },
) => {
  const sockets = new Set<Socket>()
  const ids = new Set<string>()
  const count = { connections: 0, mostOpen: 0, requests: 0, taken: 0, takenTwice: 0 }
  let mode: Mode = 'healthy'
  let healthySince = performance.now()
  let resumedAfterMs: number | null = null

  const takeIn = (taken: readonly string[]) => {
    if (taken.length === 0) return
    for (const id of taken) {
      if (ids.has(id)) count.takenTwice++
      ids.add(id)
    }
    count.taken += taken.length
    if (mode === 'healthy') resumedAfterMs ??= performance.now() - healthySince
  }

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    request.on('error', () => {})
    const sent = await buffer(request)
    count.requests++
    if (mode === 'black hole') return
    if (mode === 'drip') return drip(response)
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
    const asked: Asked = { path: request.url ?? '', headers: request.headers, body }
    const reply = mode === 'HTML 502' ? html502 : mode in refusals ? refusals[mode as '500'](asked) : answer(asked)
    // Counted when it is said: what is cut off before, the sender has to send again.
    response.once('finish', () => takeIn(reply.taken ?? []))
    const content = reply.body ?? ''
    response.writeHead(reply.status, { ...reply.headers, 'Content-Length': Buffer.byteLength(content) }).end(content)
  }
  const listener = (request: IncomingMessage, response: ServerResponse) =>
    void handle(request, response).catch(() => response.destroy())
  const options = { keepAliveTimeout: 60_000, requestTimeout: 0, headersTimeout: 0 }
  const behind = tls ? https.createServer({ ...options, ...tls.right }, listener) : http.createServer(options, listener)
  behind.on('clientError', (_error, socket) => socket.destroy())
  behind.on('tlsClientError', (_error, socket) => socket.destroy())

  const door = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    count.connections++
    count.mostOpen = Math.max(count.mostOpen, sockets.size)
    all.open++
    all.mostOpen = Math.max(all.mostOpen, all.open)
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      all.open--
    })
    // Taken, and then nothing: not even a handshake, nor a look at who has hung up.
    if (mode !== 'black hole') behind.emit('connection', socket)
  })
  const listen = async (port: number) => {
    door.listen(port, '127.0.0.1')
    await once(door, 'listening')
  }
  const hangUp = async () => {
    await delay(settlesWithinMs)
    for (const socket of sockets) socket.destroy()
  }
  await listen(0)
  const { port } = door.address() as AddressInfo

  return {
    port,
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    behaves: async (next: Mode) => {
      const before = mode
      mode = next
      if (tls && behind instanceof https.Server) behind.setSecureContext(next === 'wrong TLS' ? tls.wrong : tls.right)
      if (next === 'closed port' && door.listening) {
        const closed = once(door, 'close')
        door.close()
        await hangUp()
        await closed
      }
      if (next === 'wrong TLS') await hangUp()
      if (next !== 'closed port' && !door.listening) await listen(port)
      if (next === 'healthy' && before !== 'healthy') {
        healthySince = performance.now()
        resumedAfterMs = null
      }
    },
    isHealthy: () => mode === 'healthy',
    takeIn,
    mode: () => mode,
    tally: (): Tally => ({ ...count, open: sockets.size, resumedAfterMs }),
    forgetPeaks: () => {
      count.mostOpen = sockets.size
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      if (!door.listening) return
      const closed = once(door, 'close')
      door.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

// The head of an answer, a byte a second: Node's idle timeouts never see anything wrong with it.
const drip = ({ socket }: ServerResponse): void => {
  const bytes = `HTTP/1.1 200 OK\r\nX-Slow: ${'x'.repeat(10_000)}`
  let sent = 0
  const timer = setInterval(() => {
    if (socket?.writable) socket.write(bytes.charAt(sent++))
    else clearInterval(timer)
  }, dripMs)
}

/** The daemon's ear for datagrams: it says nothing, whatever happens. */
export const startDatagrams = async (take: (datagram: Buffer) => void) => {
  const bind = async (port: number) => {
    const opened = createSocket('udp4', (datagram) => {
      if (listens) take(datagram)
    })
    opened.bind(port, '127.0.0.1')
    await once(opened, 'listening')
    return opened
  }
  let listens = true
  let socket: Awaited<ReturnType<typeof bind>> | null = await bind(0)
  const { port } = socket.address()
  const close = async () => {
    if (!socket) return
    const closed = once(socket, 'close')
    socket.close()
    socket = null
    await closed
  }
  return {
    port,
    behaves: async (mode: Mode) => {
      // Who listens at the daemon's other port can fail in more ways than a datagram can.
      listens = mode !== 'black hole'
      if (mode === 'closed port') await close()
      else socket ??= await bind(port)
    },
    stop: close,
  }
}
