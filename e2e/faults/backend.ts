import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { SignalState } from '@cruddur/wire/signal-account'
import { cleanEnvironment } from '../src/product.ts'
import type { Target } from './load.ts'

export type Ending = { readonly code: number | string; readonly seconds: number }
type Line = { readonly at: number; readonly text: string }

export type Backend = {
  readonly pid: number
  readonly target: Target
  readonly signals: () => Promise<SignalState[]>
  /** Signals report their failures here. */
  readonly stderr: readonly Line[]
  readonly rssMb: () => number
  readonly cpuMs: () => number
  readonly end: (withinMs?: number) => Promise<Ending>
  readonly isAlive: () => boolean
}

type Options = {
  readonly env: Record<string, string>
  readonly databaseUrl: string
  /** Another folder with the same layout. */
  readonly folder?: string
  readonly entry?: readonly string[]
  /** By default, that of `targetAt`. */
  readonly target?: Omit<Target, 'url'>
}

const ownFolder = fileURLToPath(new URL('../../backend', import.meta.url))
/** With a larger heap V8 keeps hundreds of megabytes of garbage, which hides how much memory it really needs. */
const smallHeap = ['--max-old-space-size=128', '--max-semi-space-size=8']
// Some of these processes never exit by themselves.
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
const startsWithinMs = 30_000
const nowhere = '/nowhere'

/** Without the developer's own keys and AWS profile. */
export const hermetic = (env: Record<string, string>): NodeJS.ProcessEnv => ({
  ...cleanEnvironment(),
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: nowhere,
  AWS_SHARED_CREDENTIALS_FILE: nowhere,
  ...env,
})

/** The backend as it runs in production, in a process of its own. */
export const startBackend = async ({ env, databaseUrl, folder = ownFolder, ...options }: Options): Promise<Backend> => {
  const entry = options.entry ?? ['--import', './src/telemetry/start.ts', 'src/main.ts']
  const child = spawn(process.execPath, [...smallHeap, ...entry], {
    cwd: folder,
    env: hermetic({ PORT: '0', DATABASE_URL: databaseUrl, DEMO_PEOPLE: 'true', LOG_FORMAT: 'json', ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stderr: Line[] = []
  createInterface({ input: child.stderr }).on('line', (text) =>
    stderr.push({ at: performance.now(), text: messageOf(text) }),
  )
  running.add(child)
  const exited = once(child, 'exit').then(([code, signal]) => {
    running.delete(child)
    return (signal ?? code) as number | string
  })
  const stdout = createInterface({ input: child.stdout })
  const port = await new Promise<string>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${why}\n${stderr.map(({ text }) => text).join('\n')}`))
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      fail('the backend does not start')
    }, startsWithinMs)
    let found = ''
    stdout.on('line', (line) => {
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
    stderr,
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

/** The message of a line of JSON, or the line itself. */
const messageOf = (line: string): string => {
  try {
    const { message } = JSON.parse(line)
    return typeof message === 'string' ? message : line
  } catch {
    return line
  }
}

/** A session of worf, and another person's activity that he likes or does not like. */
export const targetAt = async (url: string, { isLiked = true } = {}): Promise<Target> => {
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
  const method = isLiked ? 'POST' : 'DELETE'
  await fetch(`${url}/api/activities/${activity}/like`, { method, headers: { Cookie: cookie } })
  return { url, cookie, activity }
}

/** Resident memory, from Linux itself. */
export const rssMb = (pid: number): number => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024
  } catch {
    return Number.NaN
  }
}

/** Processor time so far. Linux counts hundredths of a second. */
export const cpuMs = (pid: number): number => {
  try {
    // The name may have blanks in it. After it, user time is the twelfth field and system time the next.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return 10 * (Number(fields[11]) + Number(fields[12]))
  } catch {
    return Number.NaN
  }
}

const isBalanced = ({ created, delivered, queued, dropped }: SignalState): boolean =>
  created === delivered + queued + lostOf({ dropped }) && queued >= 0

const lostOf = ({ dropped }: Pick<SignalState, 'dropped'>): number =>
  Object.values(dropped).reduce((sum, lost) => sum + lost, 0)

/** A sentence for each signal whose account does not balance. */
export const imbalances = (signals: readonly SignalState[]): string[] =>
  signals
    .filter((signal) => !isBalanced(signal))
    .map(
      (signal) =>
        `${signal.name}: ${signal.created} ≠ ${signal.delivered} + ${signal.queued} + ${lostOf(signal)} ${JSON.stringify(signal.dropped)}`,
    )
