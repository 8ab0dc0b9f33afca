import { AsyncResource } from 'node:async_hooks'
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { connectionLimits, inTurn, shareConnections } from '@cruddur/shared/connections'
import { timingOf } from '@cruddur/trace-node/express'
import { wallClockAt } from '@cruddur/wire/times'
import type { Express } from 'express'

const limits = { headersTimeout: 10_000, requestTimeout: 15_000, connectionsCheckingInterval: 2_000 }
const maxConnections = 1_000

export const serverFor = (app: Express): Server => {
  const server = createServer(
    { ...limits, keepAliveTimeout: 5_000 },
    inTurn<IncomingMessage, ServerResponse>(app, connectionLimits, AsyncResource.bind),
  )
  server.maxConnections = maxConnections
  shareConnections(server, (address) => app.get('trust proxy fn')(address, 0))
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => answerUnparsable(error, socket))
  return server
}

const statusByParserError: Record<string, number> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }

// Express never sees bytes that are not a request.
const answerUnparsable = (error: NodeJS.ErrnoException, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const status = statusByParserError[error.code ?? ''] ?? 400
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Connection: close',
      'Content-Length: 0',
      `Server-Timing: ${timingOf(0, wallClockAt(performance.now()))}`,
      '\r\n',
    ].join('\r\n'),
  )
}

/** Accepts no new connections, and waits for running requests until the deadline. */
export const drain = async (server: Server, deadlineMs: number): Promise<void> => {
  if (!server.listening) return
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const deadline = delay(deadlineMs, 'late', { ref: false })
  // A kept-alive connection becomes idle after its answer, and would wait for another request.
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  if ((await Promise.race([closed, deadline])) === 'late') server.closeAllConnections()
  clearInterval(sweep)
}
