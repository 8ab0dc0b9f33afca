import { networkOf } from '@cruddur/wire/network'

/** The parts of Node's sockets and answers that are used here: shared code does not import Node. */
type Socket = {
  readonly remoteAddress?: string | undefined
  readonly destroyed: boolean
  destroy(): unknown
  once(event: 'close', listener: () => void): unknown
}
type Server = { timeout: number; on(event: 'connection', listener: (socket: Socket) => void): unknown }
type Answer = {
  once(event: 'close', listener: () => void): unknown
  getHeader(name: string): unknown
}

export type ConnectionLimits = {
  /** How many connections one network may have open. */
  readonly perNetwork: number
  /** How many requests may wait in one connection. No browser sends more than one. */
  readonly pipelined: number
  /** How long a connection may be silent in both directions. A stream of events sends something more often. */
  readonly silentMs: number
  /** How long the client may take to read an answer. Streams of events have no limit. */
  readonly answerMs: number
}
export const connectionLimits: ConnectionLimits = {
  perNetwork: 256,
  pipelined: 16,
  silentMs: 40_000,
  answerMs: 60_000,
}

/** Limits the connections of each network. A trusted proxy stands for many clients and has no limit. */
export const shareConnections = (
  server: Server,
  isProxy: (address: string) => boolean,
  { perNetwork, silentMs } = connectionLimits,
): void => {
  const open = new Map<string, number>()
  server.timeout = silentMs
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? ''
    if (isProxy(address)) return
    const network = networkOf(address)
    const count = (open.get(network) ?? 0) + 1
    if (count > perNetwork) return void socket.destroy()
    open.set(network, count)
    socket.once('close', () => {
      const left = (open.get(network) ?? 1) - 1
      if (left > 0) open.set(network, left)
      else open.delete(network)
    })
  })
}

/**
 * Node starts all pipelined requests of a connection at once. Here each waits for the answer before it, and a client that
 * does not read its answer is disconnected. `bind` keeps the asynchronous context of a waiting request.
 */
export const inTurn = <Q extends { readonly socket: Socket }, A extends Answer>(
  handle: (request: Q, answer: A) => void,
  { pipelined, answerMs } = connectionLimits,
  bind: (run: () => void) => () => void = (run) => run,
): ((request: Q, answer: A) => void) => {
  const waitingIn = new WeakMap<Socket, (() => void)[]>()

  const begin = (request: Q, answer: A, waiting: (() => void)[]): void => {
    const { socket } = request
    const late = setTimeout(() => {
      if (!String(answer.getHeader('content-type')).startsWith('text/event-stream')) socket.destroy()
    }, answerMs)
    answer.once('close', () => {
      clearTimeout(late)
      const next = waiting.shift()
      if (!next) waitingIn.delete(socket)
      else if (!socket.destroyed) next()
    })
    handle(request, answer)
  }

  return (request, answer) => {
    const { socket } = request
    const waiting = waitingIn.get(socket)
    if (!waiting) {
      const line: (() => void)[] = []
      waitingIn.set(socket, line)
      begin(request, answer, line)
    } else if (waiting.length < pipelined) waiting.push(bind(() => begin(request, answer, waiting)))
    else socket.destroy()
  }
}
