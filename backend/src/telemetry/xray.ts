import { createSocket, type Socket } from 'node:dgram'
import { EventEmitter } from 'node:events'
import { isIP } from 'node:net'
import { Readable } from 'node:stream'
import { serviceName } from '@cruddur/shared/telemetry'
import { TraceFlags } from '@opentelemetry/api'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import { messageOf } from './export-queue.ts'
import { outsideTraces } from './outside-traces.ts'
import { agentFor, post } from './post.ts'
import type { Signal } from './signal.ts'
import { type DaemonAddress, resolve } from './xray-address.ts'
import { documentsOf, hostOf, isFault, largestDocument, settledAttributes, type XrayDocument } from './xray-document.ts'
import { AWSXRay, daemonAddress, emitter, sampler, samplerConnector } from './xray-sdk.ts'

export type XrayOptions = {
  readonly signal: Signal
  readonly daemon: DaemonAddress
  /** AWS_XRAY_URL: a segment is named after the host it was asked at, where that matches. */
  readonly hostPattern?: string | undefined
  readonly limits?: Partial<XrayLimits>
}

type XrayLimits = {
  /** Ended spans that wait for the end of their request; and as many that wait for their turn. */
  readonly spans: number
  readonly orphanAgeMs: number
  readonly decisions: number
  /** How long after a refusal the sampling rules are asked for again. */
  readonly rulesAgainMs: number
}

export type Xray = {
  /** For the spans of this process. */
  readonly server: SpanProcessor
  /** For what the relay takes in. */
  readonly browser: SpanProcessor
  readonly flush: (deadlineMs: number) => Promise<boolean>
  readonly close: (deadlineMs: number) => Promise<void>
}

const defaultLimits: XrayLimits = { spans: 5_000, orphanAgeMs: 20_000, decisions: 10_000, rulesAgainMs: 60_000 }
/** Said while no rule has been fetched: the same as aws/json/xray.json. */
export const localRule = { fixed_target: 5, rate: 0.1 }

const burst = 25
const resolveAgainMs = 60_000
const resolveSoonMs = 5_000
const pollDeadlineMs = 3_000
const sweepMs = 5_000

/**
 * Ended spans as X-Ray segments, over UDP: what is handed to the network is called delivered, for nobody says whether it
 * arrived. All of it is built and sent off the request's way.
 */
export const createXray = ({ signal, daemon, hostPattern, ...options }: XrayOptions): Xray => {
  const limits = { ...defaultLimits, ...options.limits }
  const udp = openSocket(signal)
  const traces: EndedTrace[] = []
  const outgoing: XrayDocument[] = []
  let heldSpans = 0
  let resolved = false
  let closed = false
  let drainTimer: NodeJS.Timeout | undefined
  signal.holds(() => heldSpans)

  const send = ({ document, spans }: XrayDocument) => {
    let settled = false
    const settle = (error: Error | null) => {
      if (settled || closed) return
      settled = true
      heldSpans -= spans
      if (!error) return signal.delivered(spans)
      signal.dropped('send_failed', spans)
      signal.failed({ error: messageOf(error) })
    }
    emitter.socket = {
      send: (data, offset, length, port, address, sent) => {
        if (length > largestDocument + 1_000) return settle(new Error(`a document of ${length} bytes`))
        udp.send(data, offset, length, port, address, (error) => {
          settle(error)
          sent(null)
        })
      },
    }
    try {
      emitter.send(document)
    } catch (error) {
      settle(error as Error)
    }
  }

  const drop = (spans: number, reason: string) => {
    heldSpans -= spans
    signal.dropped(reason, spans)
  }
  const build = ({ root, spans, rule }: EndedTrace) => {
    try {
      outgoing.push(...documentsOf({ root, spans }, { nameOf, rule: rule === true ? undefined : rule }))
    } catch (error) {
      drop(spans.length + (root ? 1 : 0), 'unsendable')
      signal.failed({ error: messageOf(error) })
    }
  }
  const drain = () => {
    drainTimer = undefined
    while (outgoing.length < burst) {
      const trace = traces.shift()
      if (!trace) break
      build(trace)
    }
    for (const document of outgoing.splice(0, burst)) send(document)
    schedule()
  }
  const schedule = () => {
    if (!resolved || drainTimer || traces.length + outgoing.length === 0) return
    drainTimer = outsideTraces(() => setTimeout(drain, 1).unref())
  }

  const decide = decisions(limits.decisions)
  if (hostPattern) AWSXRay.middleware.enableDynamicNaming(hostPattern)
  AWSXRay.middleware.setDefaultName(serviceName.backend)
  AWSXRay.middleware.setSamplingRules({ version: 2, rules: [], default: localRule })
  AWSXRay.setLogger(quietLogger(signal))

  const nameOf = (root: ReadableSpan): string => {
    const service = settledAttributes(root.resource)['service.name']
    if (service !== undefined && service !== serviceName.backend) return String(service)
    return AWSXRay.middleware.resolveName(hostOf(root.attributes)) || serviceName.backend
  }
  // In the way of a request there is only this: a decision, and a place in the queue.
  const take: Take = (root, spans) => {
    const all = root ? [root, ...spans] : spans
    const count = all.length
    const rule = decide(all[0] as ReadableSpan, nameOf, all.some(isFault))
    if (rule === false) return signal.leftOut('not_sampled', count)
    traces.push({ root, spans, rule })
    heldSpans += count
    while (heldSpans > limits.spans) {
      const oldest = traces.shift()
      if (!oldest) break
      drop(oldest.spans.length + (oldest.root ? 1 : 0), 'queue_full')
    }
    schedule()
  }
  const server = new Gatherer(signal, limits, take)
  const browser = new Gatherer(signal, limits, take)

  const stopped = new AbortController()
  const located = Promise.withResolvers<void>()
  const { rulesAgainMs } = limits
  samplerConnector.httpClient = {
    request: pollOf({ signal, rulesAgainMs, located: located.promise, stopped: stopped.signal }),
  }
  let resolveTimer: NodeJS.Timeout | undefined
  const find = async (): Promise<void> => {
    try {
      const [to, tcp] = await Promise.all([resolve(daemon.udp), resolve(daemon.tcp)])
      Object.assign(daemonAddress, { udp_ip: to.host, udp_port: to.port, tcp_ip: tcp.host, tcp_port: tcp.port })
      resolved = true
      located.resolve()
      schedule()
    } catch (error) {
      signal.failed({ error: messageOf(error) })
    }
    if (closed || (isIP(daemon.udp.host) && isIP(daemon.tcp.host))) return
    resolveTimer = setTimeout(find, resolved ? resolveAgainMs : resolveSoonMs).unref()
  }
  outsideTraces(() => {
    // It starts once in a process, and its poller of rules with it.
    if (sampler.started) sampler.rulePoller.start()
    else sampler.start()
    void find()
  })

  const flush = async (deadlineMs: number): Promise<boolean> => {
    const endsAt = performance.now() + deadlineMs
    server.letGo()
    browser.letGo()
    while (heldSpans > 0 && performance.now() < endsAt) {
      await outsideTraces(() => new Promise((done) => setTimeout(done, 2)))
    }
    return heldSpans === 0
  }

  return {
    server,
    browser,
    flush,
    close: async (deadlineMs) => {
      if (closed) return
      await flush(deadlineMs)
      closed = true
      stopped.abort('shutting down')
      clearTimeout(resolveTimer)
      server.stop()
      browser.stop()
      clearTimeout(drainTimer)
      traces.length = 0
      outgoing.length = 0
      drop(heldSpans, 'shutdown')
      await new Promise<void>((done) => udp.close(done))
    },
  }
}

const openSocket = (signal: Signal): Socket => {
  const socket = createSocket('udp4').unref()
  socket.on('error', (error) => signal.failed({ error: messageOf(error) }))
  return socket
}

const quietLogger = (signal: Signal) => ({
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: (...words: unknown[]) => signal.failed({ error: words.join(' ') }),
})

type EndedTrace = {
  readonly root: ReadableSpan | undefined
  readonly spans: readonly ReadableSpan[]
  readonly rule: string | true
}
type Take = (root: ReadableSpan | undefined, spans: readonly ReadableSpan[]) => void

/** Spans end from the inside out: they wait here for the one that began in this place. */
class Gatherer implements SpanProcessor {
  readonly #takeOver: Take
  readonly #limits: XrayLimits
  readonly #waiting = new Map<string, { readonly since: number; readonly spans: ReadableSpan[] }>()
  readonly #signal: Signal
  readonly #sweeper: NodeJS.Timeout
  #held = 0

  constructor(signal: Signal, limits: XrayLimits, takeOver: Take) {
    this.#signal = signal
    this.#limits = limits
    this.#takeOver = takeOver
    signal.holds(() => this.#held)
    this.#sweeper = outsideTraces(() => setInterval(() => this.#sweep(), Math.min(sweepMs, limits.orphanAgeMs)).unref())
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    const { traceId, traceFlags } = span.spanContext()
    if (!(traceFlags & TraceFlags.SAMPLED)) return
    this.#signal.created()
    if (isLocalRoot(span)) this.#takeOver(span, this.#take(traceId, span))
    else if (this.#held >= this.#limits.spans) this.#takeOver(undefined, [span])
    else this.#wait(traceId, span)
  }

  #wait(traceId: string, span: ReadableSpan): void {
    const entry = this.#waiting.get(traceId) ?? { since: performance.now(), spans: [] }
    entry.spans.push(span)
    this.#waiting.set(traceId, entry)
    this.#held++
  }

  /** Whatever still waits leaves by itself. */
  letGo(): void {
    for (const [traceId, { spans }] of this.#waiting) this.#release(traceId, spans)
  }

  stop(): void {
    clearInterval(this.#sweeper)
  }

  async forceFlush(): Promise<void> {
    this.letGo()
  }

  async shutdown(): Promise<void> {
    this.letGo()
  }

  // Two requests can share a trace: only what hangs below this one is its own.
  #take(traceId: string, root: ReadableSpan): ReadableSpan[] {
    const entry = this.#waiting.get(traceId)
    if (!entry) return []
    const below = new Set([root.spanContext().spanId])
    const taken = new Set<ReadableSpan>()
    // Children end before their parents, so that backwards a parent comes first.
    for (let found = -1; found !== taken.size; ) {
      found = taken.size
      for (const span of entry.spans.toReversed()) {
        if (taken.has(span) || !below.has(span.parentSpanContext?.spanId ?? '')) continue
        taken.add(span)
        below.add(span.spanContext().spanId)
      }
    }
    const left = entry.spans.filter((span) => !taken.has(span))
    if (left.length === 0) this.#waiting.delete(traceId)
    else this.#waiting.set(traceId, { since: entry.since, spans: left })
    this.#held -= taken.size
    return [...taken]
  }

  #sweep(): void {
    const oldest = performance.now() - this.#limits.orphanAgeMs
    for (const [traceId, { since, spans }] of this.#waiting) {
      if (since <= oldest) this.#release(traceId, spans)
    }
  }

  #release(traceId: string, spans: readonly ReadableSpan[]): void {
    this.#waiting.delete(traceId)
    this.#held -= spans.length
    this.#takeOver(undefined, spans)
  }
}

const isLocalRoot = ({ parentSpanContext }: ReadableSpan): boolean =>
  parentSpanContext === undefined || parentSpanContext.isRemote === true

/**
 * One decision for a trace, by the SDK's rules: the name of the one that said yes, or true, or false. A trace with a fault
 * is taken whatever they say, and they still count it.
 */
const decisions = (most: number) => {
  const made = new Map<string, string | boolean>()
  return (span: ReadableSpan, nameOf: (root: ReadableSpan) => string, hasFault: boolean): string | boolean => {
    const { traceId } = span.spanContext()
    const { attributes } = span
    const byRule = () =>
      sampler.shouldSample({
        host: hostOf(attributes),
        httpMethod: textOf(attributes['http.request.method']),
        urlPath: textOf(attributes['url.path']),
        serviceName: nameOf(span),
      }) ?? false
    const decision = (made.get(traceId) ?? byRule()) || hasFault
    made.set(traceId, decision)
    if (made.size > most) made.delete(made.keys().next().value as string)
    return decision
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

type Polling = {
  readonly signal: Signal
  readonly located: Promise<void>
  readonly stopped: AbortSignal
  readonly rulesAgainMs: number
}

/**
 * The SDK's way to the daemon's rules: it has no deadline, and throws where nobody catches when an answer is not what it
 * expects. Here it gets an answer that it can read, or an error. Its pollers start one another, and every start asks for
 * the rules: one ask is under way at a time, and one is planned.
 */
const pollOf = ({ signal, located, stopped, rulesAgainMs }: Polling) => {
  const agent = agentFor('http:', 1)
  let asksForRules = false
  let rulesTimer: NodeJS.Timeout | undefined
  stopped.addEventListener('abort', () => {
    clearTimeout(rulesTimer)
    agent.destroy()
  })
  return ({ path }: { readonly path: string }, onResponse: (response: Readable) => void) => {
    const request = new EventEmitter()
    const isForRules = path.endsWith('Rules')
    let body = ''
    const ask = async () => {
      await located
      if (stopped.aborted) return
      try {
        const answer = await post({
          url: `http://${daemonAddress.tcp_ip}:${daemonAddress.tcp_port}${path}`,
          agent,
          headers: { 'Content-Type': 'application/json' },
          body: Buffer.from(body),
          abort: AbortSignal.any([stopped, AbortSignal.timeout(pollDeadlineMs)]),
        })
        signal.answered(answer.status)
        onResponse(Readable.from([checked(answer.status, answer.body)]))
      } catch (error) {
        request.emit('error', error)
        if (stopped.aborted) return
        signal.failed({ error: `sampling rules: ${messageOf(error)}` })
        if (isForRules) rulesTimer = setTimeout(() => sampler.rulePoller.start(), rulesAgainMs).unref()
      }
    }
    const askForRules = async () => {
      if (asksForRules) return
      asksForRules = true
      clearTimeout(rulesTimer)
      await ask()
      asksForRules = false
    }
    return Object.assign(request, {
      write: (chunk: string) => {
        body += chunk
      },
      end: () => void outsideTraces(isForRules ? askForRules : ask),
    })
  }
}

const checked = (status: number, body: Buffer): string => {
  if (status !== 200) throw new Error(`HTTP ${status}`)
  const answer: unknown = JSON.parse(String(body))
  if (!isRecord(answer)) throw new Error('not what was asked for')
  for (const [list, item] of [
    ['SamplingRuleRecords', 'SamplingRule'],
    ['SamplingTargetDocuments', undefined],
  ] as const) {
    const given = answer[list] ?? []
    if (!Array.isArray(given)) throw new Error(`${list} is no list`)
    answer[list] = given.filter((one) => isRecord(one) && (item === undefined || isRecord(one[item])))
  }
  return JSON.stringify(answer)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
