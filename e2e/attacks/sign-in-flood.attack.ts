import { setTimeout as delay } from 'node:timers/promises'
import { type Answer, type Attack, percentilesOf, postJson, type Target } from './attack.ts'

const guessers = 40
const floodMs = 10_000
const ownerTries = 6
const ownerAddress = '127.0.0.4'
const handle = 'owner_of_it'
const password = 'to be a tailor, simply'

/** Forty addresses guess the password of one account as fast as they are answered. Its owner signs in from another address. */
export const attack: Attack = {
  name: 'sign-in flood',
  run: async (target) => {
    const account = { handle, display_name: 'Owner', email: 'owner@example.com', password }
    const { status } = await post(target, ownerAddress, '/api/signup', account)
    if (status !== '200') throw new Error(`the owner's account: ${status}`)
    const before = await signIns(target)
    const endsAt = performance.now() + floodMs
    const guesses: Record<string, number> = {}
    const guess = async (localAddress: string) => {
      while (performance.now() < endsAt) {
        const tried = { handle, password: `guess ${Math.random()}` }
        const { status } = await post(target, localAddress, '/api/session', tried)
        guesses[status] = (guesses[status] ?? 0) + 1
        if (status !== '401') await delay(100)
      }
    }
    const flood = Array.from({ length: guessers }, (_, n) => guess(`127.0.1.${n + 1}`))
    await delay(1_000)
    const during = await signIns(target)
    await Promise.all(flood)
    return { before, during, after: await signIns(target), guesses: JSON.stringify(guesses) }
  },
}

const signIns = async (target: Target): Promise<string> => {
  const answers: Answer[] = []
  for (let n = 0; n < ownerTries; n++) {
    answers.push(await post(target, ownerAddress, '/api/session', { handle, password }))
    await delay(200)
  }
  const { p50, p99 } = percentilesOf(answers.map(({ ms }) => ms))
  return `p50 ${p50} ms, p99 ${p99} ms, ${answers.filter(({ status }) => status === '200').length} of ${ownerTries} signed in`
}

const post = ({ frontend }: Target, localAddress: string, path: string, json: object): Promise<Answer> =>
  postJson({ ...frontend, localAddress, path }, json)
