import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { gunzipSync } from 'node:zlib'
import type { SignalAccount } from '@cruddur/shared/health'
import { createSignal, type Signal } from './signal.ts'

export type VendorMode =
  | { readonly kind: 'healthy' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'drip' }
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers?: Record<string, string>
      readonly body?: string
    }

export type VendorRequest = {
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly at: number
}

const answering = (status: number, headers: Record<string, string> = {}, body = ''): VendorMode => ({
  kind: 'answer',
  status,
  headers,
  body,
})

/** The ways in which a vendor can fail. */
export const faults: readonly [name: string, mode: VendorMode | 'closed'][] = [
  ['a closed port', 'closed'],
  ['a black hole', { kind: 'hang' }],
  ['one byte a second', { kind: 'drip' }],
  ['401', answering(401, {}, '{"error":"unknown API key"}')],
  ['429 with Retry-After', answering(429, { 'Retry-After': '1' })],
  ['500', answering(500)],
  ['an HTML 502', answering(502, { 'Content-Type': 'text/html' }, '<html><h1>Bad Gateway</h1></html>')],
]

type Answerer = (request: VendorRequest, response: ServerResponse) => void

/** A vendor for one test, on a free port. */
export const startVendor = async (answer: Answerer = (_request, response) => void response.end('{}')) => {
  const sockets = new Set<Socket>()
  const requests: VendorRequest[] = []
  const state = { mode: { kind: 'healthy' } as VendorMode, mostSockets: 0 }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => {})
    try {
      for await (const chunk of request) chunks.push(chunk)
    } catch {
      return
    }
    const sent = Buffer.concat(chunks)
    const received: VendorRequest = {
      url: request.url ?? '',
      headers: request.headers,
      body: request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent,
      at: performance.now(),
    }
    requests.push(received)
    const { mode } = state
    if (mode.kind === 'healthy') answer(received, response)
    if (mode.kind === 'answer') response.writeHead(mode.status, mode.headers).end(mode.body)
    if (mode.kind === 'drip') drip(response.socket)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    state.mostSockets = Math.max(state.mostSockets, sockets.size)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const close = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  await listen(0)
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    sockets,
    mostSockets: () => state.mostSockets,
    /** A closed vendor comes back at the same address. */
    behaves: async (mode: VendorMode | 'closed') => {
      if (mode === 'closed') return close()
      state.mode = mode
      if (!server.listening) await listen(port)
    },
    close,
  }
}

// An answer whose header never ends.
const drip = (socket: Socket | null) => {
  const bytes = `HTTP/1.1 200 OK\r\nX-Slow: ${'x'.repeat(10_000)}`
  let sent = 0
  const timer = setInterval(() => {
    if (socket?.writable) socket.write(bytes.charAt(sent++))
    else clearInterval(timer)
  }, 100)
  timer.unref()
}

export const testSignal = (name = 'test') => {
  const lines: string[] = []
  const signal = createSignal({ name, destination: 'nowhere', because: 'of a test', warn: (line) => lines.push(line) })
  return { signal, lines }
}

export const lostIn = ({ dropped }: SignalAccount): number =>
  Object.values(dropped).reduce((sum, count) => sum + count, 0)

/** created = delivered + queued + dropped, and nothing below zero. */
export const isBalanced = (signal: Signal): boolean => {
  const account = signal.snapshot()
  const { created, delivered, queued } = account
  return created === delivered + queued + lostIn(account) && queued >= 0
}

/** Waits for a condition, for ten seconds at most. */
export const until = async (happened: () => boolean): Promise<void> => {
  const endsAt = performance.now() + 10_000
  while (!happened()) {
    if (performance.now() > endsAt) throw new Error(`It did not happen: ${happened}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
