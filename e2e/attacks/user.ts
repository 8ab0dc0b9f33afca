import { request } from 'node:http'
import type { Address } from './attack.ts'

const answerWithinMs = 10_000

type Asked = { readonly ms: number; readonly answer: string }

/** Somebody who reads the feed at a steady pace, each time on a new connection, however long the answers take. */
export const startUser = (localAddress: string, { host, port }: Address, perSecond = 10) => {
  let phase: Asked[] = []
  const open = new Set<Promise<void>>()

  const ask = (into: Asked[]): Promise<void> =>
    new Promise((resolve) => {
      const dueAt = performance.now()
      const settle = (answer: string) => {
        into.push({ ms: performance.now() - dueAt, answer })
        resolve()
      }
      const asked = request({ host, port, localAddress, path: '/api/activities/home', agent: false }, (response) => {
        response.resume().once('end', () => settle(String(response.statusCode)))
        response.once('error', () => settle('broken off'))
      })
      asked.once('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.message))
      asked.setTimeout(answerWithinMs, () => asked.destroy(new Error(`none in ${answerWithinMs / 1_000} s`)))
      asked.end()
    })
  const timer = setInterval(() => {
    const asking = ask(phase).finally(() => open.delete(asking))
    open.add(asking)
  }, 1_000 / perSecond)

  return {
    /** What was asked since the last call, when all of it is answered. */
    endPhase: async () => {
      const ended = phase
      phase = []
      await Promise.all(open)
      return summaryOf(ended)
    },
    stop: () => clearInterval(timer),
  }
}

const summaryOf = (asked: readonly Asked[]) => {
  const ms = asked.map((one) => one.ms).sort((a, b) => a - b)
  const at = (share: number): number => Math.round(ms[Math.min(ms.length - 1, Math.floor(share * ms.length))] ?? 0)
  const answers = Object.entries(Object.groupBy(asked, ({ answer }) => answer))
  return {
    p50: at(0.5),
    p99: at(0.99),
    answers: answers.map(([answer, of]) => `${of?.length} × ${answer}`).join(', '),
  }
}
