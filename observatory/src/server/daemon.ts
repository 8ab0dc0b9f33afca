import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Faults } from './faults.ts'
import type { Intake } from './intake.ts'
import { answerSampling, xrayRefusing } from './sampling.ts'
import { takeDatagram } from './xray.ts'

const host = '127.0.0.1'
const attempts = 20
/** Segments come in bursts, and the system's own buffer holds three of the largest. */
const receiveBufferBytes = 4 * 1024 * 1024

export type Daemon = {
  /** The port that it listens on, by UDP and TCP; with 0 any that is free for both. */
  listen: (port: number) => Promise<number>
  close: () => Promise<void>
}

/** The X-Ray daemon's two sides. */
export const createDaemon = (
  intake: Intake,
  faults: Faults,
  isLocal: (host: string | undefined) => boolean,
): Daemon => {
  const sampling = answerSampling()
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (!isLocal(request.headers.host)) return void response.writeHead(403).end()
    if (faults.play('xray', request, response, xrayRefusing)) return intake.changed([])
    await sampling(request, response)
  }
  const tcp = createServer({ requestTimeout: 15_000, headersTimeout: 10_000 }, (request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  let udp: Socket | null = null

  const bind = async (port: number): Promise<void> => {
    const socket = createSocket('udp4')
    socket.on('message', (datagram) => {
      if (!faults.loses('xray')) return takeDatagram(intake, datagram)
      intake.changed([])
    })
    socket.bind({ port, address: host, exclusive: true })
    try {
      await once(socket, 'listening')
    } catch (error) {
      socket.close()
      throw error
    }
    try {
      socket.setRecvBufferSize(receiveBufferBytes)
    } catch {}
    udp = socket
  }

  const stop = () => new Promise<void>((resolve) => tcp.close(() => resolve()))

  return {
    listen: async (wanted) => {
      for (let left = attempts; ; left--) {
        tcp.listen(wanted, host)
        await once(tcp, 'listening')
        const { port } = tcp.address() as AddressInfo
        try {
          await bind(port)
          return port
        } catch (error) {
          await stop()
          if (wanted !== 0 || left === 0) throw error
        }
      }
    },
    close: async () => {
      udp?.close()
      udp = null
      if (!tcp.listening) return
      const stopped = stop()
      tcp.closeAllConnections()
      await stopped
    },
  }
}
