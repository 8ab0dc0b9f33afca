import { AssertionError } from 'node:assert'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { browserAttr, relayPath } from '@cruddur/wire/names'
import { decodeTraceRequest } from '@cruddur/wire/otlp'
import { type Collector, latestCollector } from './collector.ts'
import { drawTrace, problemsOf, type Span, type Trace } from './trace.ts'

type Request = { url(): string; method(): string; resourceType(): string; headers(): Record<string, string> }
type Listen = (event: 'request', listener: (request: Request) => void) => unknown
/** The parts of Playwright's page that are used here. */
export type Page = { on: Listen; off: Listen }

export type OneTraceOptions = {
  /** By default the collector that was started last. */
  readonly collector?: Collector
  /** Requests that belong to no action, such as a poll of another library. */
  readonly ignore?: (url: URL) => boolean
  /** The action is over when the page has sent nothing for this long. */
  readonly settleMs?: number
  /** How long to wait for the spans of a trace. */
  readonly timeoutMs?: number
  /** The folder for the spans of a failed check. */
  readonly saveTo?: string
}

type Sent = { readonly line: string; readonly traceId: string; readonly spanId: string }

const lookAgainMs = 25

/**
 * Performs an action in a page, and checks that all requests it caused are in one whole trace, each with a span on the
 * server. It relies on the headers that were really sent, because wrong spans can look right.
 */
export const oneTrace = async (
  page: Page,
  act: () => Promise<unknown>,
  { collector = latestCollector(), ignore, settleMs = 500, timeoutMs = 10_000, saveTo }: OneTraceOptions = {},
): Promise<Trace> => {
  const sent = await requestsDuring(page, act, settleMs, ignore)
  const spansOf = (traceId: string): Span[] => collector.spans.filter((span) => span.traceId === traceId)

  const deadline = performance.now() + timeoutMs
  const isWhole = (): boolean =>
    sent.every((one) => !one.spanId || problemsWith(one, spansOf(one.traceId)).length === 0)
  while (!isWhole() && performance.now() < deadline) await delay(lookAgainMs)

  const requests = ofAction(sent, spansOf)
  const traceIds = [...new Set(requests.map(({ traceId }) => traceId))]
  const spans = traceIds.flatMap(spansOf)
  const problems = [
    ...(requests.length === 0 ? ['the page sent no request'] : []),
    ...(traceIds.length > 1 ? [`${traceIds.length} traces`] : []),
    ...new Set(requests.flatMap((one) => problemsWith(one, spansOf(one.traceId)))),
  ]
  const root = rootOf(spans)
  if (problems.length === 0 && root) return { id: traceIds[0] as string, root, spans }
  throw new AssertionError({
    message: [
      `The action is not one whole trace: ${problems.join('; ')}.`,
      'The page sent:',
      ...requests.map(({ line }) => `  ${line}`),
      'The collector has:',
      drawTrace(spans) || '  nothing of it',
      ...(saveTo ? [`Saved in ${save(collector, traceIds, saveTo)}`] : []),
    ].join('\n'),
    stackStartFn: oneTrace,
  })
}

const requestsDuring = async (
  page: Page,
  act: () => Promise<unknown>,
  settleMs: number,
  ignore: OneTraceOptions['ignore'],
): Promise<Sent[]> => {
  const sent: Sent[] = []
  let lastAt = 0
  const note = (request: Request): void => {
    const url = new URL(request.url())
    if (!['fetch', 'xhr'].includes(request.resourceType()) || url.pathname === relayPath || ignore?.(url)) return
    lastAt = performance.now()
    const [, traceId = '', spanId = ''] = (request.headers().traceparent ?? '').split('-')
    sent.push({ line: `${request.method()} ${url.pathname}  trace ${traceId || '(none)'}`, traceId, spanId })
  }
  page.on('request', note)
  try {
    await act()
    lastAt = Math.max(lastAt, performance.now())
    while (performance.now() < lastAt + settleMs) await delay(lookAgainMs)
  } finally {
    page.off('request', note)
  }
  return sent
}

const rootOf = (spans: readonly Span[]): Span | undefined => spans.find(({ parentSpanId }) => parentSpanId === null)

const typeOf = (spans: readonly Span[]): unknown => rootOf(spans)?.attributes[browserAttr.interactionType]

/**
 * An action can begin while its page still loads. Requests that the load sent before the action do not belong to it.
 * Later ones count, because a request that lost its context would look the same.
 */
const ofAction = (sent: readonly Sent[], spansOf: (traceId: string) => Span[]): Sent[] => {
  const isOf = (type: string, { traceId }: Sent): boolean => typeOf(spansOf(traceId)) === type
  const [first] = sent.filter((one) => !isOf('background', one) && !isOf('load', one) && rootOf(spansOf(one.traceId)))
  const action = first && rootOf(spansOf(first.traceId))
  const isBefore = ({ traceId, spanId }: Sent): boolean =>
    action !== undefined && spansOf(traceId).some((span) => span.spanId === spanId && span.startMs < action.startMs)
  return sent.filter((one) => !isOf('background', one) && !(isOf('load', one) && isBefore(one)))
}

const problemsWith = ({ line, spanId }: Sent, spans: readonly Span[]): string[] => {
  if (!spanId) return [`a request without a trace (${line.trim()})`]
  if (!spans.some((span) => span.spanId === spanId)) return [`the page's span of a request is missing (${line})`]
  if (!spans.some(({ kind, parentSpanId }) => kind === 'server' && parentSpanId === spanId)) {
    return [`no server continued a request (${line})`]
  }
  return problemsOf(spans)
}

/** As OTLP JSON, which the observatory and other viewers open. */
const save = (collector: Collector, traceIds: readonly string[], folder: string): string => {
  const resourceSpans = collector.requests
    .filter(({ path }) => path === '/v1/traces')
    .flatMap(({ headers, body }) => {
      const type = headers['content-type']?.includes('json') ? 'application/json' : 'application/x-protobuf'
      return decodeTraceRequest(body, type).resourceSpans
    })
    .map(({ resource, scopeSpans }) => ({
      resource,
      scopeSpans: scopeSpans
        .map(({ scope, spans }) => ({ scope, spans: spans.filter(({ traceId }) => traceIds.includes(traceId)) }))
        .filter(({ spans }) => spans.length > 0),
    }))
    .filter(({ scopeSpans }) => scopeSpans.length > 0)
  mkdirSync(folder, { recursive: true })
  const file = resolve(join(folder, `trace-${traceIds[0] || 'none'}.json`))
  writeFileSync(file, JSON.stringify({ resourceSpans }))
  return file
}
