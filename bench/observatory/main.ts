// Measures the observatory: spans a second, memory in a flood, and frames of its page meanwhile.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { cpuMs, rssMb } from '../../e2e/faults/backend.ts'
import { launchBrowser } from '../../e2e/src/browser.ts'
import { cleanEnvironment, freePort } from '../../e2e/src/product.ts'
import { options } from '../options.ts'
import { machine, publish, say, startFigures, table } from '../report.ts'
import { mean, quantile } from '../statistics.ts'
import { otlpBody, spansOfTrace } from './spans.ts'

const folder = fileURLToPath(new URL('../../observatory', import.meta.url))
const size = options.quick ? { sets: 2, flood: 1, frames: 1 } : { sets: 5, flood: 3, frames: 1.5 }
if (options.sets) size.sets = Number(options.sets)
const tracesOfFlood = 64
const bodies = Array.from({ length: 160 }, () => otlpBody(tracesOfFlood))
/** As one busy developer's machine sends them: the page hears of changes ten times a second. */
const calm = { traces: 10, everyMs: 100 }
const silenceMs = 3_000
const frameMs = 1e3 / 60
const { figures, add } = startFigures()
const complaints: string[] = []

const buildPage = async (): Promise<void> => {
  const vite = fileURLToPath(new URL('../../node_modules/vite/bin/vite.js', import.meta.url))
  const build = spawn(process.execPath, [vite, 'build', '--logLevel', 'error'], { cwd: folder, stdio: 'inherit' })
  if ((await once(build, 'exit'))[0] !== 0) throw new Error('The page of the observatory could not be built.')
}

const startObservatory = async () => {
  const port = await freePort()
  const args = ['src/main.ts', '--port', String(port), '--xray-port', String(await freePort())]
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  await once(child.stdout, 'data')
  const stop = async () => {
    child.kill('SIGTERM')
    await exited
  }
  return { url: `http://127.0.0.1:${port}`, pid: child.pid as number, stop }
}

const agent = new http.Agent({ keepAlive: true })

const post = (url: string, body: Uint8Array): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length }
    const request = http.request(`${url}/v1/traces`, { method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    request.on('error', reject).end(body)
  })

let sent = 0
/** Four connections send as fast as they are answered. */
const flood = async (url: string, seconds: number) => {
  const until = performance.now() + seconds * 1e3
  let [accepted, refused] = [0, 0]
  const connection = async () => {
    while (performance.now() < until) {
      const status = await post(url, bodies[sent++ % bodies.length] as Uint8Array)
      if (status === 200) accepted += tracesOfFlood * spansOfTrace
      else refused++
    }
  }
  await Promise.all(Array.from({ length: 4 }, connection))
  return { accepted, refused }
}

type Flood = Readonly<
  Record<'perSecond' | 'perCpuSecond' | 'refused' | 'mbBefore' | 'mbAtMost' | 'mbLater' | 'kept', number>
>

const measureFlood = async ({ url, pid }: { url: string; pid: number }): Promise<Flood> => {
  const mbBefore = rssMb(pid)
  let mbAtMost = mbBefore
  const watch = setInterval(() => {
    mbAtMost = Math.max(mbAtMost, rssMb(pid))
  }, 50)
  const [startedAt, cpu] = [performance.now(), cpuMs(pid)]
  const { accepted, refused } = await flood(url, size.flood)
  const [ms, cpuSpent] = [performance.now() - startedAt, cpuMs(pid) - cpu]
  clearInterval(watch)
  await delay(silenceMs)
  const listed = (await (await fetch(`${url}/api/traces?limit=1`)).json()) as { status: { window: { traces: number } } }
  const kept = listed.status.window.traces
  if (kept === 0) complaints.push('nothing is in the window after the flood')
  return {
    perSecond: (1e3 * accepted) / ms,
    perCpuSecond: (1e3 * accepted) / cpuSpent,
    ...{ refused, mbBefore, mbAtMost, mbLater: rssMb(pid), kept },
  }
}

const floodTable = (floods: readonly Flood[]): string => {
  const all = (of: keyof Flood) => floods.map((one) => one[of])
  const plain = (of: keyof Flood) => mean(all(of)).toFixed(0)
  return table(
    [
      ...['spans/s, in that hour', 'spans per second of CPU, in that hour', 'requests refused'],
      ...['MB before', 'MB at most', 'MB three seconds later', 'traces kept'],
    ],
    [
      [
        ...[plain('perSecond'), plain('perCpuSecond'), plain('refused')],
        add('MB before', all('mbBefore'), 0),
        add('MB at most', all('mbAtMost'), 0),
        add('MB three seconds later', all('mbLater'), 0),
        add('traces kept', all('kept'), 0),
      ],
    ],
  )
}

type Frames = { readonly deltas: number[]; readonly longTasks: number[] }

const perSecond = (calm.traces * spansOfTrace * 1e3) / calm.everyMs
const sends = ['no spans', `${perSecond} spans/s`, 'a flood'] as const

const record = (page: Page): Promise<Frames> =>
  page.evaluate(async (forMs) => {
    const [deltas, longTasks]: [number[], number[]] = [[], []]
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longTasks.push(duration)
    })
    observer.observe({ type: 'longtask' })
    const startedAt = performance.now()
    for (let last = startedAt; last < startedAt + forMs; ) {
      const now = await new Promise<number>(requestAnimationFrame)
      deltas.push(now - last)
      last = now
    }
    observer.disconnect()
    return { deltas: deltas.slice(1), longTasks }
  }, size.frames * 1e3)

const measureFrames = async ({ url }: { url: string }): Promise<Frames[]> => {
  const browser = await launchBrowser()
  try {
    const page = await browser.newPage()
    await page.goto(url)
    const links = page.getByRole('link', { name: /GET \/api/ })
    await links.first().waitFor()
    const works = [async () => {}, () => post(url, otlpBody(calm.traces)), () => flood(url, 0.05)]
    const frames: Frames[] = []
    for (const [at, work] of works.entries()) {
      let isOver = false
      const sending = (async () => {
        while (!isOver) {
          await work()
          if (sends[at] !== 'a flood') await delay(calm.everyMs)
        }
      })()
      frames.push(await record(page))
      isOver = true
      await sending
    }
    return frames
  } finally {
    await browser.close()
  }
}

const framesTable = (sets: readonly (readonly Frames[])[]): string => {
  const rows = sends.map((name, at) => {
    const frames = sets.flatMap((set) => set[at] ?? [])
    const p = (share: number) => frames.map(({ deltas }) => quantile(deltas, share))
    const long = frames.flatMap(({ longTasks }) => longTasks)
    return [
      name,
      add(`${name}: p50 ms of a frame`, p(0.5), 1, frameMs),
      add(`${name}: p99 ms of a frame`, p(0.99), 1, frameMs),
      String(long.length),
      Math.max(0, ...long).toFixed(0),
    ]
  })
  return table(
    [
      ...['while the page shows the newest hundred traces', 'p50 ms of a frame', 'p99 ms'],
      ...['tasks longer than 50 ms', 'the longest, ms'],
    ],
    rows,
  )
}

await buildPage()
const [floods, frames]: [Flood[], Frames[][]] = [[], []]
for (let set = 1; set <= size.sets; set++) {
  const observatory = await startObservatory()
  try {
    floods.push(await measureFlood(observatory))
    frames.push(await measureFrames(observatory))
    say(`set ${set} of the observatory`)
  } finally {
    await observatory.stop()
  }
}
const text = [`${machine()}, ${size.sets} sets.`, floodTable(floods), framesTable(frames)].join('\n\n')
publish({ name: 'observatory', text, figures, complaints })
