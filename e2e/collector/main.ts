// OTELCOL=/path/to/otelcol-contrib npm run collector --workspace e2e -- [--likes 120]
// Sends our traffic through a real Collector with collector/*.yaml, and compares its output with its input.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { launchBrowser } from '../src/browser.ts'
import { type CollectedSpan, startCollector } from '../src/collector.ts'
import { actAs, likeButtonOf, openFeed } from '../src/feed.ts'
import { startProduct } from '../src/product.ts'
import { tracesOf } from '../src/trace.ts'

const { OTELCOL } = process.env
if (!OTELCOL) throw new Error('Set OTELCOL to the path of a Collector: see collector/README.md.')
const { values } = parseArgs({ options: { likes: { type: 'string', default: '120' } } })
const likes = Number(values.likes)
const failures = 15
const decisionWaitMs = 8_000
const keepPercent = 10
const slowMs = 150

const folder = fileURLToPath(new URL('../../collector/', import.meta.url))
const running: ChildProcess[] = []

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}

const startLayer = async (file: string, env: Record<string, string>, port: number): Promise<void> => {
  const args = ['--config', `${folder}${file}`, '--feature-gates=processor.tailsamplingprocessor.usetracestate']
  const child = spawn(OTELCOL, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'pipe'] })
  running.push(child)
  let said = ''
  child.stderr?.on('data', (chunk) => (said += chunk))
  for (let looks = 0; looks < 200 && !said.includes('Everything is ready'); looks++) {
    if (child.exitCode !== null) break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  if (!said.includes('Everything is ready'))
    throw new Error(`The Collector did not start with ${file} on port ${port}:\n${said}`)
  child.stderr?.on('data', (chunk) => {
    if (/\terror\t/.test(String(chunk))) process.stderr.write(`${file}: ${chunk}`)
  })
}

const isFailed = (trace: CollectedSpan[]) => trace.some(({ status }) => status === 'error')
const msOf = (trace: CollectedSpan[]) =>
  Math.max(...trace.map(({ endMs }) => endMs)) - Math.min(...trace.map(({ startMs }) => startMs))
const weightOf = (trace: CollectedSpan[]) => Number(trace[0]?.attributes.SampleRate ?? Number.NaN)

const honeycombs = [await startCollector(), await startCollector()] as const
const xray = await startCollector()
try {
  const ports = [await freePort(), await freePort(), await freePort()] as const
  for (const [index, honeycomb] of honeycombs.entries()) {
    const port = ports[index] as number
    const env = {
      SAMPLER_ADDRESS: `127.0.0.1:${port}`,
      DECISION_WAIT: `${decisionWaitMs}ms`,
      KEEP_PERCENT: String(keepPercent),
      SLOW_MS: String(slowMs),
      HONEYCOMB_API_KEY: 'a-key',
      HONEYCOMB_API_ENDPOINT: honeycomb.url,
      XRAY_OTLP_ENDPOINT: `${xray.url}/v1/traces`,
      AWS_ACCESS_KEY_ID: 'an-id',
      AWS_SECRET_ACCESS_KEY: 'a-secret',
    }
    await startLayer('sampler.yaml', env, port)
  }
  const gatewayEnv = {
    GATEWAY_ADDRESS: `127.0.0.1:${ports[2]}`,
    SAMPLER_1: `127.0.0.1:${ports[0]}`,
    SAMPLER_2: `127.0.0.1:${ports[1]}`,
  }
  await startLayer('gateway.yaml', gatewayEnv, ports[2])

  const sent = await startCollector({ handOnTo: `http://127.0.0.1:${ports[2]}` })
  const product = await startProduct({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: sent.url, REQUESTS_PER_MINUTE: '100000', WRITES_PER_MINUTE: '100000' },
  })
  const browser = await launchBrowser()
  try {
    const page = await openFeed(browser, product.url)
    await actAs(page, 'Worf')
    for (let click = 0; click < likes; click++) {
      await likeButtonOf(page, 'Garek').first().click()
      await page.waitForTimeout(30)
    }
    for (let failure = 0; failure < failures; failure++) await page.evaluate(() => fetch('/rollbar/test'))
    for (let call = 0; call < likes * 3; call++) await fetch(`${product.backendUrl}/api/trends`)
    // Until the page is idle and has sent everything.
    await page.waitForTimeout(4_000)
  } finally {
    await browser.close()
    await product.stop()
  }
  await new Promise((resolve) => setTimeout(resolve, decisionWaitMs + 6_000))
  await sent.stop()
  report(tracesOf(sent.spans))
} finally {
  for (const child of running) child.kill('SIGTERM')
  await Promise.all([...honeycombs, xray].map(({ stop }) => stop()))
}

function report(sent: Map<string, CollectedSpan[]>): void {
  const [first, second] = honeycombs.map(({ spans }) => tracesOf(spans)) as [typeof sent, typeof sent]
  const kept = new Map([...first, ...second])
  const spansOf = (trace: CollectedSpan[] | undefined) => new Set(trace?.map(({ spanId }) => spanId))
  const inBoth = [...first.keys()].filter((id) => second.has(id))
  const broken = [...kept].filter(([id, trace]) => spansOf(trace).size !== spansOf(sent.get(id)).size)
  const failed = [...sent].filter(([, trace]) => isFailed(trace))
  const slow = [...sent].filter(([, trace]) => msOf(trace) > slowMs + 5)
  const ordinary = [...sent].filter(([, trace]) => !isFailed(trace) && msOf(trace) < slowMs - 5)
  const estimate = [...kept.values()].reduce((sum, trace) => sum + weightOf(trace), 0)
  const missing = (traces: [string, CollectedSpan[]][]) => traces.filter(([id]) => !kept.has(id)).length
  const weights = Map.groupBy(kept.values(), weightOf)
  const signed = xray.requests.filter(({ headers }) => headers.authorization?.startsWith('AWS4-HMAC-SHA256 '))
  const lines = [
    `traces sent: ${sent.size}, of ${[...sent.values()].flat().length} spans`,
    `kept: ${kept.size} (sampler 1: ${first.size}, sampler 2: ${second.size}), in both: ${inBoth.length}`,
    `kept, but not whole: ${broken.length}`,
    `failed: ${failed.length} sent, ${missing(failed)} not kept`,
    `slow: ${slow.length} sent, ${missing(slow)} not kept`,
    `the rest: ${ordinary.length} sent, ${ordinary.length - missing(ordinary)} kept (${keepPercent} % asked for)`,
    `weights: ${[...weights].map(([weight, traces]) => `${traces.length} × ${weight}`).join(', ')}`,
    `estimated from the kept traces: ${estimate} of ${sent.size}`,
    `X-Ray: ${xray.spans.length} spans in ${xray.requests.length} requests, ${signed.length} signed`,
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  const isRight =
    inBoth.length + broken.length + missing(failed) + missing(slow) === 0 &&
    kept.size > 0 &&
    !Number.isNaN(estimate) &&
    signed.length === xray.requests.length &&
    xray.spans.length === [...kept.values()].flat().length
  process.exitCode = isRight ? 0 : 1
}
