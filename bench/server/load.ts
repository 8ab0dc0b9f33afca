import http from 'node:http'

export type Kind = 'home' | 'profile' | 'like'
export const kinds: readonly Kind[] = ['home', 'profile', 'like']
export type Target = { readonly url: string; readonly cookie: string; readonly activity: string }
export type Answered = {
  readonly requests: number
  readonly homes: number
  readonly seconds: number
  readonly ms: readonly number[]
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 4 })

/** `time` makes each like a change: it is given and taken back in turns. */
const requestOf = (kind: Kind, { activity }: Target, time: number): readonly [method: string, path: string] => {
  if (kind === 'home') return ['GET', '/api/activities/home']
  if (kind === 'profile') return ['GET', '/api/activities/@worf']
  return [time % 2 === 0 ? 'POST' : 'DELETE', `/api/activities/${activity}/like`]
}

const times = new Map<string, number>()

const ask = (kind: Kind, target: Target): Promise<number> => {
  const time = times.get(target.url) ?? 0
  if (kind === 'like') times.set(target.url, time + 1)
  const [method, path] = requestOf(kind, target, time)
  const startedAt = performance.now()
  return new Promise((resolve, reject) => {
    const request = http.request(
      target.url + path,
      { method, agent, headers: { cookie: target.cookie } },
      (response) => {
        response.resume().on('error', reject)
        response.on('end', () => {
          if (response.statusCode === 200) resolve(performance.now() - startedAt)
          else reject(new Error(`${method} ${path}: ${response.statusCode}`))
        })
      },
    )
    request.on('error', reject).end()
  })
}

type Plan = { readonly kinds: readonly Kind[]; readonly connections: number } & (
  | { readonly requests: number }
  | { readonly seconds: number }
)

/** Each connection sends its next request when it has read the answer. */
export const send = async (target: Target, plan: Plan): Promise<Answered> => {
  const startedAt = performance.now()
  const endsAt = 'seconds' in plan ? startedAt + plan.seconds * 1e3 : Number.POSITIVE_INFINITY
  const most = 'requests' in plan ? plan.requests : Number.POSITIVE_INFINITY
  const ms: number[] = []
  let [begun, homes] = [0, 0]
  const connection = async () => {
    while (begun < most && performance.now() < endsAt) {
      const kind = plan.kinds[begun++ % plan.kinds.length] as Kind
      if (kind === 'home') homes++
      ms.push(await ask(kind, target))
    }
  }
  await Promise.all(Array.from({ length: plan.connections }, connection))
  return { requests: ms.length, homes, seconds: (performance.now() - startedAt) / 1e3, ms }
}

export const signIn = async (url: string): Promise<Target> => {
  const session = await fetch(`${url}/api/session/demo`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ handle: 'worf' }),
  })
  const cookie = session.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  if (!session.ok) throw new Error(`signing in as worf failed: ${session.status} ${await session.text()}`)
  const home = await fetch(`${url}/api/activities/home`)
  const { activities } = (await home.json()) as { activities: { uuid: string; handle: string }[] }
  const activity = activities.find(({ handle }) => handle !== 'worf')?.uuid ?? ''
  await fetch(`${url}/api/activities/${activity}/like`, { method: 'DELETE', headers: { cookie } })
  return { url, cookie, activity }
}
