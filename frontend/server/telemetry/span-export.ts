import type { SignalAccount } from '@cruddur/wire/signal-account'
import { ExportResultCode } from '@opentelemetry/core'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { BatchSpanProcessor, type ReadableSpan, type SpanProcessor } from '@opentelemetry/sdk-trace-base'
import { Agent, interceptors, request } from 'undici'

export type SpanAccount = SignalAccount & { readonly name: string }

type SpanExport = { readonly processor: SpanProcessor; readonly account: () => SpanAccount }

const maxQueued = 2_048
const maxInBatch = 256
const answerTimeoutMs = 5_000
const exportTimeoutMs = 60_000
const retries = {
  methods: ['POST' as const],
  maxRetries: 4,
  minTimeout: 2_000,
  statusCodes: [429, 502, 503, 504],
  errorCodes: ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT'],
}

/** Sends the SDK's batches with undici's retries, and counts the spans. */
export const exportSpans = (url: string, delayMs: number): SpanExport => {
  const account = { name: 'proxy spans', created: 0, delivered: 0, queued: 0, dropped: {} as Record<string, number> }
  const drop = (reason: string, count: number): void => {
    account.dropped[reason] = (account.dropped[reason] ?? 0) + count
  }
  const dispatcher = new Agent({ headersTimeout: answerTimeoutMs }).compose(interceptors.retry(retries))

  const post = async (spans: ReadableSpan[]): Promise<void> => {
    const failure = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: ProtobufTraceSerializer.serializeRequest(spans) ?? null,
      dispatcher,
    }).then(
      async ({ statusCode, body }) => {
        await body.dump()
        return statusCode === 200 ? null : `http_${statusCode}`
      },
      () => 'unreachable',
    )
    account.queued -= spans.length
    if (failure) drop(failure, spans.length)
    else account.delivered += spans.length
  }

  const batches = new BatchSpanProcessor(
    {
      export: (spans, done) => void post(spans).then(() => done({ code: ExportResultCode.SUCCESS })),
      shutdown: () => dispatcher.destroy(),
    },
    {
      maxQueueSize: maxQueued,
      maxExportBatchSize: maxInBatch,
      scheduledDelayMillis: delayMs,
      exportTimeoutMillis: exportTimeoutMs,
    },
  )
  const processor: SpanProcessor = {
    onStart: () => {},
    onEnd: (span) => {
      account.created++
      if (account.queued >= maxQueued) return drop('queue_full', 1)
      account.queued++
      batches.onEnd(span)
    },
    forceFlush: () => batches.forceFlush(),
    shutdown: () => batches.shutdown(),
  }
  return { processor, account: () => ({ ...account, dropped: { ...account.dropped } }) }
}
