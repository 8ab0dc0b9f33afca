import { Agent } from 'node:http'
import { type Attack, send, sendUntil } from './attack.ts'

const connections = 8
const forMs = 8_000
const paths = ['/rollbar/test', `/${'p'.repeat(6_000)}`]

/** Eight connections ask for faults and for long paths that do not exist, as fast as they are answered. */
export const attack: Attack = {
  name: 'nowhere',
  run: async (target) => {
    const { frontend, backend, localAddress } = target
    const agent = new Agent({ keepAlive: true })
    const answers: Record<string, number> = {}
    const before = target.output().length
    const endsAt = performance.now() + forMs
    const one = (n: number) => {
      const address = n % 2 === 0 ? frontend : backend
      return sendUntil(endsAt, answers, () => send({ ...address, localAddress, agent, path: paths[n % paths.length] }))
    }
    await Promise.all(Array.from({ length: connections }, (_, n) => one(n)))
    agent.destroy()
    const requests = Object.values(answers).reduce((sum, count) => sum + count, 0)
    return { ...answers, bytesOfLogPerRequest: Math.round((target.output().length - before) / requests) }
  },
}
