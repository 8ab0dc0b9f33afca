import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { SignalState } from '@cruddur/shared/health'
import { cleanEnvironment } from '../src/product.ts'
import type { Target } from './load.ts'

export type Ending = { readonly code: number | string; readonly seconds: number }
type Line = { readonly at: number; readonly text: string }

export type Backend = {
  readonly pid: number
  readonly target: Target
  readonly signals: () => Promise<SignalState[]>
  /** What it said on stderr, where signals complain. */
  readonly complaints: readonly Line[]
  readonly rssMb: () => number
  readonly cpuMs: () => number
  readonly end: (withinMs?: number) => Promise<Ending>
  readonly isAlive: () => boolean
}

type Options = {
  readonly env: Record<string, string>
  readonly databaseUrl: string
  /** Another tree of the same shape. */
  readonly folder?: string
  readonly entry?: readonly string[]
  /** Whom it knows already: who is not given is asked for. */
  readonly target?: Omit<Target, 'url'>
}

const ours = fileURLToPath(new URL('../../backend', import.meta.url))
/** Otherwise V8 lets garbage lie about by the hundred megabytes, and memory says nothing about what is held. */
const smallHeap = ['--max-old-space-size=128', '--max-semi-space-size=8']
// Some of them never go by themselves: that is what is shown here.
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
const startsWithinMs = 30_000
const nowhere = '/nowhere'

/** Of the environment it gets what it is given, and nothing of the developer's: no key, no profile of AWS. */
export const hermetic = (env: Record<string, string>): NodeJS.ProcessEnv => ({
  ...cleanEnvironment(),
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: nowhere,
  AWS_SHARED_CREDENTIALS_FILE: nowhere,
  ...env,
})

/** The backend as it runs in production, in a process of its own. */
export const startBackend = async ({ env, databaseUrl, folder = ours, ...options }: Options): Promise<Backend> => {
  const entry = options.entry ?? ['--import', './src/telemetry/start.ts', 'src/main.ts']
  const child = spawn(process.execPath, [...smallHeap, ...entry], {
    cwd: folder,
    env: hermetic({ PORT: '0', DATABASE_URL: databaseUrl, DEMO_PEOPLE: 'true', LOG_FORMAT: 'json', ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const complaints: Line[] = []
  createInterface({ input: child.stderr }).on('line', (text) =>
    complaints.push({ at: performance.now(), text: messageOf(text) }),
  )
  running.add(child)
  const exited = once(child, 'exit').then(([code, signal]) => {
    running.delete(child)
    return (signal ?? code) as number | string
  })
  const said = createInterface({ input: child.stdout })
  const port = await new Promise<string>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${why}\n${complaints.map(({ text }) => text).join('\n')}`))
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      fail('the backend does not start')
    }, startsWithinMs)
    let found = ''
    said.on('line', (line) => {
      found = /listens on http:\/\/localhost:(\d+)/.exec(line)?.[1] ?? found
      if (!line.includes('the backend is ready')) return
      clearTimeout(timer)
      resolve(found)
    })
    void exited.then((code) => fail(`the backend ended with ${code}`))
  })
  const url = `http://127.0.0.1:${port}`
  return {
    pid: child.pid as number,
    target: options.target ? { ...options.target, url } : await targetAt(url),
    signals: async () => {
      const answer = await fetch(`${url}/api/health-check`)
      return ((await answer.json()) as { signals: SignalState[] }).signals
    },
    complaints,
    rssMb: () => rssMb(child.pid as number),
    cpuMs: () => cpuMs(child.pid as number),
    end: async (withinMs = 15_000) => {
      const startedAt = performance.now()
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), withinMs)
      const code = await exited
      clearTimeout(timer)
      return { code, seconds: (performance.now() - startedAt) / 1_000 }
    },
    isAlive: () => child.exitCode === null && child.signalCode === null,
  }
}

/** What a line says, whether it is one of JSON or not. */
const messageOf = (line: string): string => {
  try {
    const { message } = JSON.parse(line)
    return typeof message === 'string' ? message : line
  } catch {
    return line
  }
}

const targetAt = async (url: string): Promise<Target> => {
  const session = await fetch(`${url}/api/session/demo`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ handle: 'worf' }),
  })
  const cookie = session.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  if (!session.ok) throw new Error(`nobody can act as worf: ${session.status} ${await session.text()}`)
  const home = await fetch(`${url}/api/activities/home`)
  const { activities } = (await home.json()) as { activities: { uuid: string }[] }
  const activity = activities[0]?.uuid ?? ''
  // The first like changes an answer, no other does.
  await fetch(`${url}/api/activities/${activity}/like`, { method: 'POST', headers: { Cookie: cookie } })
  return { url, cookie, activity }
}

/** Resident memory, from Linux itself. */
const rssMb = (pid: number): number => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024
  } catch {
    return Number.NaN
  }
}

/** What it has used of the processors; hundredths of a second are all that Linux says. */
const cpuMs = (pid: number): number => {
  try {
    // Behind the name, which may have blanks in it: user time is the twelfth field, system time the next.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return 10 * (Number(fields[11]) + Number(fields[12]))
  } catch {
    return Number.NaN
  }
}

const isSum = ({ created, delivered, queued, dropped }: SignalState): boolean =>
  created === delivered + queued + lostOf({ dropped }) && queued >= 0

export const lostOf = ({ dropped }: Pick<SignalState, 'dropped'>): number =>
  Object.values(dropped).reduce((sum, lost) => sum + lost, 0)

/** Each signal whose accounts do not balance, in words. */
export const imbalances = (signals: readonly SignalState[]): string[] =>
  signals
    .filter((signal) => !isSum(signal))
    .map(
      (signal) =>
        `${signal.name}: ${signal.created} ≠ ${signal.delivered} + ${signal.queued} + ${lostOf(signal)} ${JSON.stringify(signal.dropped)}`,
    )
