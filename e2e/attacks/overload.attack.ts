import { Agent } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { type Answer, type Attack, percentilesOf, send, type Target } from './attack.ts'

const users = 400
const seconds = 15
const requestsPerSecond = 1
const paths = ['/api/activities/home', '/api/activities/home', '/api/activities/@worf', '/api/trends']

/** Sends requests at a steady rate, whether or not they are answered. Each user has an address and six connections. */
const use = async ({ frontend }: Target, user: number): Promise<Answer[]> => {
  const localAddress = `127.1.${Math.floor(user / 200)}.${(user % 200) + 1}`
  const agent = new Agent({ keepAlive: true, maxSockets: 6 })
  const answers: Promise<Answer>[] = []
  await delay((user / users) * (1_000 / requestsPerSecond))
  for (let n = 0; n < seconds * requestsPerSecond; n++) {
    answers.push(send({ ...frontend, localAddress, agent, path: paths[(user + n) % paths.length] }))
    await delay(1_000 / requestsPerSecond)
  }
  const all = await Promise.all(answers)
  agent.destroy()
  return all
}

/** Four hundred people at once, more than the machine can serve. */
export const attack: Attack = {
  name: 'overload',
  run: async (target) => {
    const answers = (await Promise.all(Array.from({ length: users }, (_, user) => use(target, user)))).flat()
    const byStatus = Object.entries(Object.groupBy(answers, ({ status }) => status))
    return Object.fromEntries(
      byStatus.map(([status, of = []]) => {
        const { p50, p99 } = percentilesOf(of.map(({ ms }) => ms))
        const percent = ((100 * of.length) / answers.length).toFixed(1)
        return [status, `${of.length} (${percent} %), p50 ${p50}, p99 ${p99} ms`]
      }),
    )
  },
}
