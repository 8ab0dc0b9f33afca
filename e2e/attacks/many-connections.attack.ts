import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { type Attack, open } from './attack.ts'

const connections = 2_100
const holdMs = 8_000

/** One address opens as many connections as it can and sends nothing. */
export const attack: Attack = {
  name: 'many connections',
  run: async (target) => {
    const sockets: Socket[] = []
    for (let n = 0; n < connections; n++) {
      sockets.push(open(target, target.frontend))
      if (n % 100 === 99) await delay(20)
    }
    await delay(1_000)
    const held = sockets.filter((socket) => !socket.closed).length
    await delay(holdMs)
    for (const socket of sockets) socket.destroy()
    return { opened: connections, held }
  },
}
