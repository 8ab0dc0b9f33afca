import { setTimeout as delay } from 'node:timers/promises'
import { type Attack, open } from './attack.ts'

const attempts = 200
const everyMs = 30
const hidden = 'GET /api/activities/@smuggled HTTP/1.1\r\nHost: x\r\n\r\n'

/** A body that the page's server might pass on as another person's request. */
export const attack: Attack = {
  name: 'request smuggling',
  run: async (target) => {
    for (let n = 0; n < attempts; n++) {
      const socket = open(target, target.frontend)
      socket.resume()
      socket.write(
        `GET /api/activities/home HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, content-length\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
      )
      setTimeout(() => socket.destroy(), 1_000)
      await delay(everyMs)
    }
    await delay(500)
    return { attempts, becameRequests: target.output().split('@smuggled').length - 1 }
  },
}
