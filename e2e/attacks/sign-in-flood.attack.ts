import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Attack, Target } from './attack.ts'

const guessers = 40
const floodMs = 10_000
const ownerTries = 6
const handle = 'owner_of_it'
const password = 'to be a tailor, simply'

/** Forty addresses guess the password of one account as fast as they are answered; its owner signs in from another one. */
export const attack: Attack = {
  name: 'sign-in flood',
  run: async (target) => {
    const owner = (path: string, json: object) => post(target, '127.0.0.4', path, json)
    const account = { handle, display_name: 'Owner', email: 'owner@example.com', password }
    const made = await owner('/api/signup', account)
    if (made !== 200) throw new Error(`the owner's account: ${made}`)
    const signIns = async () => {
      const ms: number[] = []
      const answers: number[] = []
      for (let n = 0; n < ownerTries; n++) {
        const startedAt = performance.now()
        answers.push(await owner('/api/session', { handle, password }))
        ms.push(Math.round(performance.now() - startedAt))
        await delay(200)
      }
      ms.sort((a, b) => a - b)
      return `p50 ${ms[Math.floor(ms.length / 2)]} ms, p99 ${ms.at(-1)} ms, ${answers.filter((status) => status === 200).length} of ${ownerTries} in`
    }
    const before = await signIns()
    const until = performance.now() + floodMs
    const guesses: Record<string, number> = {}
    const guess = async (localAddress: string) => {
      while (performance.now() < until) {
        const status = await post(target, localAddress, '/api/session', { handle, password: `guess ${Math.random()}` })
        guesses[status] = (guesses[status] ?? 0) + 1
        if (status !== 401) await delay(100)
      }
    }
    const flood = Array.from({ length: guessers }, (_, n) => guess(`127.0.1.${n + 1}`))
    await delay(1_000)
    const during = await signIns()
    await Promise.all(flood)
    return { before, during, after: await signIns(), guesses: JSON.stringify(guesses) }
  },
}

const post = ({ frontend }: Target, localAddress: string, path: string, json: object): Promise<number> =>
  new Promise((resolve) => {
    const headers = { 'content-type': 'application/json' }
    const asked = request({ ...frontend, localAddress, path, method: 'POST', headers, agent: false }, (response) =>
      response.resume().once('end', () => resolve(response.statusCode ?? 0)),
    )
    asked.once('error', () => resolve(0))
    asked.end(JSON.stringify(json))
  })
