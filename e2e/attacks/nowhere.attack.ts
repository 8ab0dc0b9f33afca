import { Agent, request } from 'node:http'
import type { Attack, Target } from './attack.ts'

const connections = 8
const forMs = 8_000
const paths = ['/rollbar/test', `/${'p'.repeat(6_000)}`]

const get = ({ frontend, backend, localAddress }: Target, agent: Agent, n: number): Promise<string> =>
  new Promise((resolve) => {
    const where = n % 2 === 0 ? frontend : backend
    const asked = request({ ...where, localAddress, agent, path: paths[n % paths.length] })
    asked.on('response', (response) => response.resume().on('close', () => resolve(String(response.statusCode))))
    asked.on('error', ({ message }) => resolve(message))
    asked.end()
  })

/** Eight connections ask for faults and for long addresses that are none, as fast as they are answered. */
export const attack: Attack = {
  name: 'nowhere',
  run: async (target) => {
    const agent = new Agent({ keepAlive: true })
    const answers: Record<string, number> = {}
    const before = target.output().length
    const endsAt = performance.now() + forMs
    const one = async (n: number) => {
      while (performance.now() < endsAt) {
        const answer = await get(target, agent, n)
        answers[answer] = (answers[answer] ?? 0) + 1
      }
    }
    await Promise.all(Array.from({ length: connections }, (_, n) => one(n)))
    agent.destroy()
    const asked = Object.values(answers).reduce((sum, count) => sum + count, 0)
    return { ...answers, bytesOfLogPerRequest: Math.round((target.output().length - before) / asked) }
  },
}
