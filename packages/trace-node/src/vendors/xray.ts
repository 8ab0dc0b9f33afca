import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import { outsideTraces } from '../outside-traces.ts'
import { messageOf } from './export-queue.ts'
import type { Signal } from './signal.ts'
import { type DaemonAddress, openDaemon } from './xray-daemon.ts'
import { documentsOf, hostOf, type SegmentMetadata, settledAttributes, type XrayDocument } from './xray-document.ts'
import { openSamplingRules } from './xray-rules.ts'
import { xraySdk } from './xray-sdk.ts'
import { type EndedSpans, SegmentCollector } from './xray-segments.ts'

export type XrayOptions = {
  readonly signal: Signal
  readonly daemon: DaemonAddress
  /** AWS_XRAY_URL. A segment is named after the host that the request asked for, if the host matches. */
  readonly hostPattern?: string | undefined
  /** The name of a segment without such a host, and of this process's service. */
  readonly service: string
  /** Attributes that a segment also carries as metadata of a name of its own. */
  readonly metadata?: SegmentMetadata
  readonly limits?: Partial<typeof defaultLimits>
}

export type Xray = {
  readonly server: SpanProcessor
  /** For the spans of the relay, which wait apart from the server's. */
  readonly browser: SpanProcessor
  readonly flush: (deadlineMs: number) => Promise<boolean>
  readonly close: (deadlineMs: number) => Promise<void>
}

const defaultLimits = { spans: 5_000, orphanAgeMs: 20_000, rulesMs: 3_000, rulesAgainMs: 60_000 }
const burst = 25
/** Each datagram that arrives alone wakes the daemon, which takes longer than to send it. */
const gatherMs = 50

type Waiting = EndedSpans & { readonly count: number; readonly rule: string | undefined }

/**
 * Sends ended spans to the X-Ray daemon, as segments over UDP. "Delivered" means handed to the network: losses on the way
 * cannot be seen. A request only queues its spans; building and sending happen later, in bursts.
 */
export const createXray = ({ signal, daemon: address, hostPattern, service, ...options }: XrayOptions): Xray => {
  const { metadata = {} } = options
  const limits = { ...defaultLimits, ...options.limits }
  const waiting: Waiting[] = []
  const outgoing: XrayDocument[] = []
  let heldSpans = 0
  let isLocated = false
  let isClosed = false
  let timer: NodeJS.Timeout | undefined
  signal.addQueue(() => heldSpans)

  const { AWSXRay } = xraySdk()
  if (hostPattern) AWSXRay.middleware.enableDynamicNaming(hostPattern)
  AWSXRay.middleware.setDefaultName(service)
  AWSXRay.setLogger(loggerTo(signal))
  const nameOf = namesFor(service)
  const daemon = openDaemon(address, signal)
  const { rulesMs: deadlineMs, rulesAgainMs: retryMs } = limits
  const rules = openSamplingRules({ signal, located: daemon.located, nameOf, deadlineMs, retryMs })

  const drop = (spans: number, reason: string) => {
    heldSpans -= spans
    signal.dropped(reason, spans)
  }
  const onSegment = (ended: EndedSpans) => {
    const all = ended.root ? [ended.root, ...ended.spans] : ended.spans
    const rule = rules.decide(all)
    if (rule === false) return signal.leftOut('not_sampled', all.length)
    waiting.push({ ...ended, count: all.length, rule: rule === true ? undefined : rule })
    heldSpans += all.length
    while (heldSpans > limits.spans && waiting.length > 0) drop((waiting.shift() as Waiting).count, 'queue_full')
    schedule()
  }
  const schedule = (afterMs = gatherMs) => {
    if (!isLocated || timer || waiting.length + outgoing.length === 0) return
    timer = outsideTraces(() => setTimeout(drain, afterMs).unref())
  }
  const drain = () => {
    timer = undefined
    while (outgoing.length < burst && waiting.length > 0) build(waiting.shift() as Waiting)
    for (const document of outgoing.splice(0, burst)) send(document)
    schedule(1)
  }
  const build = ({ count, rule, ...ended }: Waiting) => {
    try {
      outgoing.push(...documentsOf(ended, { nameOf, rule, metadata }))
    } catch (error) {
      drop(count, 'unsendable')
      signal.failed({ error: messageOf(error) })
    }
  }
  const send = ({ document, spans }: XrayDocument) =>
    daemon.send(document, (error) => {
      if (isClosed) return
      if (error) {
        drop(spans, 'send_failed')
        signal.failed({ error: messageOf(error) })
      } else {
        heldSpans -= spans
        signal.delivered(spans)
      }
    })
  void daemon.located.then(() => {
    isLocated = true
    schedule()
  })

  const collect = () =>
    new SegmentCollector({ signal, mostSpans: limits.spans, orphanAgeMs: limits.orphanAgeMs, onSegment })
  const [server, browser] = [collect(), collect()]

  const flush = async (deadlineMs: number): Promise<boolean> => {
    const endsAt = performance.now() + deadlineMs
    await Promise.all([server.forceFlush(), browser.forceFlush()])
    while (heldSpans > 0 && performance.now() < endsAt) {
      await outsideTraces(() => new Promise((resolve) => setTimeout(resolve, 2)))
    }
    return heldSpans === 0
  }

  return {
    server,
    browser,
    flush,
    close: async (deadlineMs) => {
      if (isClosed) return
      await Promise.all([server.shutdown(), browser.shutdown()])
      await flush(deadlineMs)
      isClosed = true
      rules.close()
      clearTimeout(timer)
      waiting.length = 0
      outgoing.length = 0
      drop(heldSpans, 'shutdown')
      await daemon.close()
    },
  }
}

const namesFor =
  (service: string) =>
  (root: ReadableSpan): string => {
    const own = settledAttributes(root.resource)['service.name']
    if (own !== undefined && own !== service) return String(own)
    return xraySdk().AWSXRay.middleware.resolveName(hostOf(root.attributes)) || service
  }

const loggerTo = (signal: Signal) => ({
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: (...words: unknown[]) => signal.failed({ error: words.join(' ') }),
})
