import { type Address, type Answer, countsOf, percentilesOf, send } from './attack.ts'

const answerWithinMs = 10_000

/** Reads the feed at a steady rate, each time on a new connection, however long the answers take. */
export const startUser = (localAddress: string, frontend: Address, perSecond = 10) => {
  let phase: Promise<Answer>[] = []
  const timer = setInterval(() => {
    phase.push(send({ ...frontend, localAddress, path: '/api/activities/home' }, '', answerWithinMs))
  }, 1_000 / perSecond)

  return {
    /** The answers to all requests since the last call. */
    endPhase: async () => {
      const ended = phase
      phase = []
      const answers = await Promise.all(ended)
      return { ...percentilesOf(answers.map(({ ms }) => ms)), answers: countsOf(answers.map(({ status }) => status)) }
    },
    stop: () => clearInterval(timer),
  }
}
