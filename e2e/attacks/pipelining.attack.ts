import { setTimeout as delay } from 'node:timers/promises'
import { type Attack, open } from './attack.ts'

const connections = 4
const requests = 20_000
const holdMs = 8_000

/** Sends request after request without waiting for an answer, and reads nothing. */
export const attack: Attack = {
  name: 'pipelining',
  run: async (target) => {
    const sockets = Array.from({ length: connections }, () => open(target, target.frontend))
    for (const socket of sockets) {
      socket.pause()
      socket.write('GET /api/activities/home HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(requests))
    }
    await delay(holdMs)
    const ended = sockets.filter((socket) => socket.closed || socket.errored).length
    for (const socket of sockets) socket.destroy()
    return { connections, requests: connections * requests, ended }
  },
}
