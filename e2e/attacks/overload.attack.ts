import { Agent, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Attack, Target } from './attack.ts'

const users = 400
const seconds = 15
const requestsPerSecond = 1
const answerWithinMs = 15_000
const paths = ['/api/activities/home', '/api/activities/home', '/api/activities/@worf', '/api/trends']

type Asked = { readonly ms: number; readonly answer: string }

/** Asks at its own pace, whether or not it was answered. Each user has an address and a browser's six connections. */
const use = async ({ frontend }: Target, user: number, into: Asked[]): Promise<void> => {
  const localAddress = `127.1.${Math.floor(user / 200)}.${(user % 200) + 1}`
  const agent = new Agent({ keepAlive: true, maxSockets: 6 })
  const asks: Promise<void>[] = []
  await delay((user / users) * (1_000 / requestsPerSecond))
  for (let n = 0; n < seconds * requestsPerSecond; n++) {
    const path = paths[(user + n) % paths.length]
    asks.push(
      new Promise((resolve) => {
        const began = performance.now()
        const settle = (answer: string) => {
          into.push({ ms: performance.now() - began, answer })
          resolve()
        }
        const asked = request({ ...frontend, localAddress, agent, path }, (response) => {
          response.resume().once('end', () => settle(String(response.statusCode)))
          response.once('error', () => settle('broken off'))
        })
        asked.once('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.message))
        asked.setTimeout(answerWithinMs, () => asked.destroy(new Error(`none in ${answerWithinMs / 1_000} s`)))
        asked.end()
      }),
    )
    await delay(1_000 / requestsPerSecond)
  }
  await Promise.all(asks)
  agent.destroy()
}

/** Four hundred people at once, more than the machine can serve. */
export const attack: Attack = {
  name: 'overload',
  run: async (target) => {
    const asked: Asked[] = []
    await Promise.all(Array.from({ length: users }, (_, user) => use(target, user, asked)))
    const byAnswer = Object.groupBy(asked, ({ answer }) => answer)
    return Object.fromEntries(
      Object.entries(byAnswer).map(([answer, of = []]) => {
        const ms = of.map((one) => one.ms).sort((a, b) => a - b)
        const at = (share: number) => Math.round(ms[Math.min(ms.length - 1, Math.floor(share * ms.length))] ?? 0)
        return [
          answer,
          `${of.length} (${((100 * of.length) / asked.length).toFixed(1)} %), p50 ${at(0.5)}, p99 ${at(0.99)} ms`,
        ]
      }),
    )
  },
}
