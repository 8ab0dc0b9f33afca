import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { HeapProfiler, Profiler } from 'node:inspector/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { hermetic, targetAt } from '../../e2e/faults/backend.ts'
import type { Target } from '../../e2e/faults/load.ts'
import { type Remote, startProcess } from '../../e2e/faults/remote.ts'
import { createDatabase } from '../../e2e/src/database.ts'
import type { Usage } from './probe.ts'
import type { createSinks } from './sinks.ts'

export const armNames = ['bare', 'stock', 'stock with four', 'ours with four', 'ours at 10 %'] as const
export type ArmName = (typeof armNames)[number]

export type Arm = {
  readonly name: ArmName
  readonly pid: number
  readonly target: Target
  readonly sinks: Remote<typeof createSinks>
  readonly begin: () => Promise<void>
  readonly end: () => Promise<Usage>
  /** How late the event loop was meanwhile: the 99th percentile, in ms. */
  readonly lateness: (load: () => Promise<unknown>) => Promise<number>
  readonly profile: (load: () => Promise<unknown>) => Promise<Profiler.Profile>
  readonly allocations: (load: () => Promise<unknown>) => Promise<HeapProfiler.SamplingHeapProfile>
  readonly close: () => Promise<void>
}

const starts: Record<ArmName, string> = {
  bare: 'start-bare.ts',
  stock: 'start-stock.ts',
  'stock with four': 'start-stock.ts',
  'ours with four': 'start-ours.ts',
  'ours at 10 %': 'start-ours.ts',
}
const backendFolder = fileURLToPath(new URL('../../backend', import.meta.url))

const environmentOf = (name: ArmName, { otlp, others }: { otlp: object; others: object }): Record<string, string> => ({
  NODE_ENV: 'production',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_BSP_SCHEDULE_DELAY: '1000',
  // So that no arm can lose spans to a full queue.
  OTEL_BSP_MAX_QUEUE_SIZE: '16384',
  ...(name !== 'bare' && otlp),
  ...(/four|10/.test(name) && { ...others, BENCH_VENDORS: 'all' }),
  ...(name === 'ours at 10 %' && { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' }),
})

/** The backend in a process of its own, with a database and sinks of its own. */
export const openArm = async (name: ArmName): Promise<Arm> => {
  const database = await createDatabase()
  const sinks = await startProcess<typeof createSinks>('../../bench/server/sinks.ts', 'createSinks')
  const start = fileURLToPath(new URL(starts[name], import.meta.url))
  const child = spawn(process.execPath, ['--import', start, 'src/main.ts'], {
    cwd: backendFolder,
    env: hermetic({
      PORT: '0',
      DATABASE_URL: database.url,
      DEMO_PEOPLE: 'true',
      LOG_FORMAT: 'json',
      REQUESTS_PER_MINUTE: '999999',
      WRITES_PER_MINUTE: '999999',
      ...environmentOf(name, await sinks.env()),
    }),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const errors: string[] = []
  createInterface({ input: child.stderr as NonNullable<typeof child.stderr> }).on('line', (line) => errors.push(line))
  const stdout = child.stdout as NonNullable<typeof child.stdout>
  const exited = once(child, 'exit')
  const url = await new Promise<string>((resolve, reject) => {
    let said = ''
    stdout.on('data', function read(chunk) {
      said += chunk
      if (!said.includes('the backend is ready')) return
      stdout.off('data', read).resume()
      resolve(`http://127.0.0.1:${/listens on http:\/\/localhost:(\d+)/.exec(said)?.[1]}`)
    })
    void exited.then(([code]) => reject(new Error(`${name} ended with ${code}\n${errors.join('\n')}`)))
  })
  const askProbe = async (
    word: 'begin' | 'end' | 'watch' | 'watched' | 'profile' | 'profiled' | 'allocations' | 'allocated',
  ) => {
    const answer = once(child, 'message')
    child.send(word)
    return (await answer)[0]
  }
  return {
    name,
    pid: child.pid as number,
    target: await targetAt(url, { isLiked: false }),
    sinks,
    begin: () => askProbe('begin'),
    end: () => askProbe('end'),
    lateness: async (load) => {
      await askProbe('watch')
      await load()
      return askProbe('watched')
    },
    allocations: async (load) => {
      await askProbe('allocations')
      await load()
      return askProbe('allocated')
    },
    profile: async (load) => {
      await askProbe('profile')
      await load()
      return askProbe('profiled')
    },
    close: async () => {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
      await exited
      clearTimeout(timer)
      await sinks.stopProcess()
      await database.drop()
    },
  }
}
