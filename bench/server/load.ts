import http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Target } from '../../e2e/faults/load.ts'

export type Kind = 'home' | 'profile' | 'like'
export const kinds: readonly Kind[] = ['home', 'profile', 'like']
export type Answered = {
  readonly requests: number
  readonly homes: number
  /** Answers other than 200. They count nowhere else. */
  readonly refused: number
  readonly seconds: number
  readonly ms: readonly number[]
}

/** The server closes idle connections after 5 s, and a request must not use one at that moment. */
const idleMs = 2_000
const agent = new http.Agent({ keepAlive: true, maxSockets: 256, timeout: idleMs })

/** `time` makes each like a change: it is given and taken back in turns. */
const requestOf = (kind: Kind, { activity }: Target, time: number): readonly [method: string, path: string] => {
  if (kind === 'home') return ['GET', '/api/activities/home']
  if (kind === 'profile') return ['GET', '/api/activities/@worf']
  return [time % 2 === 0 ? 'POST' : 'DELETE', `/api/activities/${activity}/like`]
}

const times = new Map<string, number>()

/** Whether the answer is the usual one. */
const ask = (kind: Kind, target: Target): Promise<boolean> => {
  const time = times.get(target.url) ?? 0
  if (kind === 'like') times.set(target.url, time + 1)
  const [method, path] = requestOf(kind, target, time)
  return new Promise((resolve, reject) => {
    const request = http.request(
      target.url + path,
      { method, agent, headers: { cookie: target.cookie } },
      (response) => {
        response.resume().on('error', reject)
        response.on('end', () => resolve(response.statusCode === 200))
      },
    )
    request.on('error', reject).end()
  })
}

type Plan = { readonly kinds: readonly Kind[]; readonly connections: number } & (
  | { readonly requests: number }
  | { readonly seconds: number }
)

/** Requests on their way, and what became of them. */
const startCount = () => {
  const startedAt = performance.now()
  const ms: number[] = []
  let [homes, refused] = [0, 0]
  return {
    ask: async (kind: Kind, target: Target, dueAt = performance.now()): Promise<void> => {
      if (!(await ask(kind, target))) return void refused++
      if (kind === 'home') homes++
      ms.push(performance.now() - dueAt)
    },
    answered: (): Answered => ({
      requests: ms.length,
      homes,
      refused,
      seconds: (performance.now() - startedAt) / 1e3,
      ms,
    }),
  }
}

/** Each connection sends its next request when it has read the answer. */
export const send = async (target: Target, plan: Plan): Promise<Answered> => {
  const endsAt = 'seconds' in plan ? performance.now() + plan.seconds * 1e3 : Number.POSITIVE_INFINITY
  const most = 'requests' in plan ? plan.requests : Number.POSITIVE_INFINITY
  const count = startCount()
  let begun = 0
  const connection = async () => {
    while (begun < most && performance.now() < endsAt) {
      await count.ask(plan.kinds[begun++ % plan.kinds.length] as Kind, target)
    }
  }
  await Promise.all(Array.from({ length: plan.connections }, connection))
  return count.answered()
}

/** A fixed rate, whether or not earlier requests are answered. Milliseconds count from when each request was due. */
export const sendAtRate = async (
  target: Target,
  plan: { readonly kinds: readonly Kind[]; readonly perSecond: number; readonly seconds: number },
): Promise<Answered> => {
  const startedAt = performance.now()
  const count = startCount()
  const asked: Promise<void>[] = []
  for (let at = 0; at < plan.perSecond * plan.seconds; at++) {
    const dueAt = startedAt + (at * 1e3) / plan.perSecond
    const early = dueAt - performance.now()
    if (early > 0) await delay(early)
    asked.push(count.ask(plan.kinds[at % plan.kinds.length] as Kind, target, dueAt))
  }
  await Promise.all(asked)
  return count.answered()
}
