import { createHash } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { HeldSpans } from '@cruddur/trace-web/testing/held-spans'
import { relayPath } from '@cruddur/wire/names'
import { parseServerTiming } from '@cruddur/wire/times'
import { type CollectedSpan, startCollector } from '../src/collector.ts'
import { startProduct } from '../src/product.ts'
import { tracesOf } from '../src/trace.ts'

type PageSpan = Parameters<HeldSpans['onEnd']>[0]
type Counts = { readonly actions: number; readonly requests: number; readonly failed: number }
export type Measured = {
  readonly ratio: number
  readonly kept: number
  /** Traces with the page's half and the server's half, every request, no orphan and one weight. */
  readonly whole: number
  readonly failedWhole: number
  readonly truth: Counts
  readonly estimated: Counts
}

const key = 'the same key for each run'
const atOnce = 8
const batchSize = 50
/** Enough addresses for the relay's budget. */
const people = 40
const addressOf = (n: number): string => `10.0.0.${n % people}`

/** Numbers and ids that are the same in each run. */
const seeded = (name: string) => createHash('sha256').update(name).digest('hex')
const chance = (name: string): number => Number.parseInt(seeded(name).slice(0, 8), 16) / 2 ** 32

/** Actions with one to three requests each. Of a hundred, four fail in the server and three in the page after the answers. */
export const measureSampling = async (ratio: number, actions: number): Promise<Measured> => {
  const collector = await startCollector()
  const product = await startProduct({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: String(ratio),
      TRACE_SAMPLING_KEY: key,
      REQUESTS_PER_MINUTE: '999999',
    },
  })
  const page = openPage(product)
  const sent = new Map<string, { requests: string[]; isFailed: boolean }>()
  const act = async (n: number): Promise<void> => {
    const traceId = seeded(`trace ${ratio} ${n}`).slice(0, 32)
    const [inServer, inPage] = [chance(`server ${n}`) < 0.04, chance(`page ${n}`) < 0.03]
    const root = page.start(`click ${n}`, traceId)
    const requests = []
    for (let request = Math.floor(chance(`requests ${n}`) * 3); request >= 0; request--) {
      requests.push(await page.ask(root, inServer && request === 0 ? '/rollbar/test' : '/api/trends', addressOf(n)))
    }
    if (inPage) page.end(page.start('exception', traceId, root), true)
    page.end(root)
    await page.post(batchSize)
    sent.set(traceId, { requests, isFailed: inServer || inPage })
  }
  const numbers = Array.from({ length: actions }, (_, n) => n).values()
  try {
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (const n of numbers) await act(n)
      }),
    )
    await page.post(1)
  } finally {
    await product.stop()
    await collector.stop()
  }

  const traces = [...tracesOf(collector.spans)].filter(([traceId]) => sent.has(traceId))
  const whole = traces.filter(([traceId, spans]) => isWhole(spans, sent.get(traceId)?.requests ?? []))
  const failed = (ofTrace: string) => sent.get(ofTrace)?.isFailed === true
  const all = [...sent.values()]
  const spans = traces.flatMap(([, ofTrace]) => ofTrace)
  return {
    ratio,
    kept: traces.length,
    whole: whole.length,
    failedWhole: whole.filter(([traceId]) => failed(traceId)).length,
    truth: {
      actions,
      requests: all.reduce((sum, { requests }) => sum + requests.length, 0),
      failed: all.filter(({ isFailed }) => isFailed).length,
    },
    estimated: {
      actions: weightOf(spans.filter(({ parentSpanId }) => parentSpanId === null)),
      requests: weightOf(spans.filter(({ kind }) => kind === 'server')),
      failed: weightOf(spans.filter(({ parentSpanId, traceId }) => parentSpanId === null && failed(traceId))),
    },
  }
}

const weightOf = (spans: readonly CollectedSpan[]): number =>
  spans.reduce((sum, { attributes }) => sum + Number(attributes.SampleRate ?? 1), 0)

const isWhole = (spans: readonly CollectedSpan[], requests: readonly string[]): boolean => {
  const ids = new Set(spans.map(({ spanId }) => spanId))
  const served = spans.filter(({ kind }) => kind === 'server').map(({ parentSpanId }) => parentSpanId)
  return (
    spans.filter(({ parentSpanId }) => parentSpanId === null).length === 1 &&
    spans.every(({ parentSpanId }) => parentSpanId === null || ids.has(parentSpanId)) &&
    new Set(spans.map(({ attributes }) => attributes.SampleRate)).size === 1 &&
    served.length === requests.length &&
    requests.every((spanId) => served.includes(spanId))
  )
}

/** The page's half without a browser: it holds spans as the page does, and posts them to the relay. */
const openPage = ({ url, backendUrl }: { url: string; backendUrl: string }) => {
  const answers = new Map<PageSpan, boolean>()
  const ready: PageSpan[] = []
  const held = new HeldSpans({
    isRequest: ({ kind }) => kind === 2,
    isKeptByServer: (span) => answers.get(span) ?? null,
    send: (span) => ready.push(span),
    leaveOut: () => {},
  })
  let spans = 0
  let posts = 0

  const start = (name: string, traceId: string, parent?: PageSpan, kind = 0): PageSpan => {
    const spanId = seeded(`span ${traceId} ${spans++}`).slice(0, 16)
    const span = {
      name,
      kind,
      spanContext: () => ({ traceId, spanId, traceFlags: 1 }),
      parentSpanContext: parent?.spanContext(),
      startTime: [0, Date.now() * 1e6],
      duration: [0, 0],
      status: { code: 0 },
      events: [],
    } as unknown as PageSpan
    held.onStart(span as never)
    return span
  }
  const end = (span: PageSpan, isError = false): void => {
    Object.assign(span, {
      endTime: [0, Date.now() * 1e6],
      duration: [0, Date.now() * 1e6 - span.startTime[1]],
      status: { code: isError ? 2 : 0 },
    })
    held.onEnd(span)
  }

  const ask = async (root: PageSpan, path: string, address: string): Promise<string> => {
    const { traceId } = root.spanContext()
    const span = start(`GET ${path}`, traceId, root, 2)
    const { spanId } = span.spanContext()
    const headers = { traceparent: `00-${traceId}-${spanId}-01`, 'x-forwarded-for': address }
    const answer = await fetch(backendUrl + path, { headers })
    await answer.arrayBuffer()
    const { backendSpan } = parseServerTiming(answer.headers.get('server-timing'))
    if (backendSpan) answers.set(span, backendSpan.endsWith('-01'))
    end(span, answer.status >= 500)
    return spanId
  }

  const post = async (atLeast: number): Promise<void> => {
    while (ready.length >= atLeast) {
      const batch = ready.splice(0, batchSize)
      const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: batch.map(encoded) }] }] })
      for (;;) {
        const headers = {
          'content-type': 'application/json',
          origin: url,
          'x-forwarded-for': addressOf(posts++),
        }
        const answer = await fetch(backendUrl + relayPath, { method: 'POST', headers, body })
        await answer.arrayBuffer()
        if (answer.ok) break
        const retryAfter = answer.headers.get('retry-after')
        if (!retryAfter) throw new Error(`The relay answered ${answer.status}.`)
        await setTimeout(Number(retryAfter) * 1_000)
      }
    }
  }
  return { start, end, ask, post }
}

const encoded = (span: PageSpan) => ({
  traceId: span.spanContext().traceId,
  spanId: span.spanContext().spanId,
  parentSpanId: span.parentSpanContext?.spanId ?? '',
  name: span.name,
  kind: span.kind + 1,
  startTimeUnixNano: String(span.startTime[1]),
  endTimeUnixNano: String(span.endTime[1]),
  status: { code: span.status.code },
})
