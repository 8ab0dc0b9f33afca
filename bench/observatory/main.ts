// Measures the observatory: spans a second, memory in a flood, and frames of its page meanwhile.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { cpuMs, rssMb } from '../../e2e/faults/backend.ts'
import { launchBrowser } from '../../e2e/src/browser.ts'
import { cleanEnvironment, freePort } from '../../e2e/src/product.ts'
import { options } from '../options.ts'
import { machine, publish, shown, table } from '../report.ts'
import { type Estimate, estimate, median, quantile } from '../statistics.ts'
import { otlpBody, spansOfTrace } from './spans.ts'

const folder = fileURLToPath(new URL('../../observatory', import.meta.url))
const size = options.quick ? { windows: 3, seconds: 1 } : { windows: 10, seconds: 1 }
const tracesOfFlood = 64
const bodies = Array.from({ length: 160 }, () => otlpBody(tracesOfFlood))
/** As one busy developer's machine sends them: the page hears of changes ten times a second. */
const calm = { traces: 10, everyMs: 100 }
const silenceMs = 3_000
const figures: Record<string, Estimate> = {}
const complaints: string[] = []

const startObservatory = async () => {
  const vite = fileURLToPath(new URL('../../node_modules/vite/bin/vite.js', import.meta.url))
  const build = spawn(process.execPath, [vite, 'build', '--logLevel', 'error'], { cwd: folder, stdio: 'inherit' })
  if ((await once(build, 'exit'))[0] !== 0) throw new Error('The page of the observatory could not be built.')
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

const measureFlood = async ({ url, pid }: { url: string; pid: number }): Promise<string> => {
  const before = rssMb(pid)
  let peak = before
  const watch = setInterval(() => {
    peak = Math.max(peak, rssMb(pid))
  }, 50)
  const windows: { perSecond: number; perCpuSecond: number }[] = []
  let refused = 0
  for (let window = 0; window < size.windows; window++) {
    const [startedAt, cpu] = [performance.now(), cpuMs(pid)]
    const flooded = await flood(url, size.seconds)
    refused += flooded.refused
    windows.push({
      perSecond: flooded.accepted / ((performance.now() - startedAt) / 1e3),
      perCpuSecond: flooded.accepted / ((cpuMs(pid) - cpu) / 1e3),
    })
  }
  clearInterval(watch)
  await delay(silenceMs)
  const listed = (await (await fetch(`${url}/api/traces?limit=1`)).json()) as { status: { window: { traces: number } } }
  if (listed.status.window.traces === 0) complaints.push('nothing is in the window after the flood')
  figures['spans a second'] = estimate(
    windows.map(({ perSecond }) => perSecond),
    median,
  )
  figures['spans a second of CPU'] = estimate(
    windows.map(({ perCpuSecond }) => perCpuSecond),
    median,
  )
  const row = [
    shown(figures['spans a second'], 0),
    shown(figures['spans a second of CPU'], 0),
    String(refused),
    ...[before, peak, rssMb(pid)].map((mb) => mb.toFixed(0)),
    String(listed.status.window.traces),
  ]
  return table(
    [
      'spans/s',
      'spans per second of CPU',
      'requests refused',
      'MB before',
      'MB at most',
      'MB three seconds later',
      'traces kept',
    ],
    [row],
  )
}

type Frames = { readonly deltas: number[]; readonly longTasks: number[] }

const measureFrames = async ({ url }: { url: string }): Promise<string> => {
  const browser = await launchBrowser()
  const page = await browser.newPage()
  await page.goto(url)
  await page
    .getByRole('link', { name: /GET \/api/ })
    .first()
    .waitFor()
  const record = (ms: number): Promise<Frames> =>
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
    }, ms)

  const send = { nothing: async () => {}, calm: () => post(url, otlpBody(calm.traces)), flood: () => flood(url, 0.05) }
  const rows: string[][] = []
  const perSecond = (calm.traces * spansOfTrace * 1e3) / calm.everyMs
  for (const [name, work] of [
    ['no spans', send.nothing],
    [`${perSecond} spans/s`, send.calm],
    ['a flood', send.flood],
  ] as const) {
    const windows: Frames[] = []
    for (let window = 0; window < size.windows; window++) {
      let isOver = false
      const sending = (async () => {
        while (!isOver) {
          await work()
          if (name !== 'a flood') await delay(calm.everyMs)
        }
      })()
      windows.push(await record(size.seconds * 1e3))
      isOver = true
      await sending
    }
    const p = (share: number) => estimate(windows, (some) => median(some.map(({ deltas }) => quantile(deltas, share))))
    const long = windows.flatMap(({ longTasks }) => longTasks)
    figures[`${name}: p50 ms of a frame`] = p(0.5)
    figures[`${name}: p99 ms of a frame`] = p(0.99)
    rows.push([name, shown(p(0.5), 1), shown(p(0.99), 1), String(long.length), Math.max(0, ...long).toFixed(0)])
  }
  await browser.close()
  return table(
    [
      'while the page shows the newest hundred traces',
      'p50 ms of a frame',
      'p99 ms',
      'tasks longer than 50 ms',
      'the longest, ms',
    ],
    rows,
  )
}

const observatory = await startObservatory()
try {
  const floodTable = await measureFlood(observatory)
  const framesTable = await measureFrames(observatory)
  const text = [`${machine()}. Medians, with 95 % bootstrap intervals.`, floodTable, framesTable].join('\n\n')
  publish({ name: 'observatory', text, figures, complaints })
} finally {
  await observatory.stop()
}
