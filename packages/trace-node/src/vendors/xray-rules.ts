import { EventEmitter } from 'node:events'
import { Readable } from 'node:stream'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { outsideTraces } from '../outside-traces.ts'
import { RecentMap } from '../recent-map.ts'
import { messageOf } from './export-queue.ts'
import { agentFor, post } from './post.ts'
import type { Signal } from './signal.ts'
import { hostOf, isFault } from './xray-document.ts'
import { type SamplerConnection, xraySdk } from './xray-sdk.ts'

/** Applies until a rule has been fetched: the same rule as in aws/json/xray.json. */
export const localRule = { fixed_target: 5, rate: 0.1 }

const mostDecisions = 10_000

type Options = {
  readonly signal: Signal
  /** Resolves when the daemon's address is known. */
  readonly located: Promise<void>
  readonly nameOf: (root: ReadableSpan) => string
  /** How long one fetch may take. */
  readonly deadlineMs: number
  /** How long after a failure the rules are fetched again. */
  readonly retryMs: number
}

export type SamplingRules = {
  /** One decision for each trace: the name of the rule that keeps it, true, or false. Faults are always kept. */
  readonly decide: (spans: readonly ReadableSpan[]) => string | boolean
  readonly close: () => void
}

/** X-Ray's sampling rules, which the SDK fetches from the daemon and applies. */
export const openSamplingRules = ({ located, nameOf, ...options }: Options): SamplingRules => {
  const decisions = new RecentMap<string, string | boolean>(mostDecisions)
  const closed = new AbortController()
  const { AWSXRay, sampler, samplerConnector } = xraySdk()
  AWSXRay.middleware.setSamplingRules({ version: 2, rules: [], default: localRule })
  samplerConnector.httpClient = { request: requestOf({ ...options, located, closed: closed.signal }) }
  outsideTraces(() => {
    // `start` works once in a process; after that only the poller of rules has to start again.
    if (sampler.started) sampler.rulePoller.start()
    else sampler.start()
  })

  const byRules = (span: ReadableSpan): string | boolean => {
    const { attributes } = span
    const asked = {
      host: hostOf(attributes),
      httpMethod: textOf(attributes['http.request.method']),
      urlPath: textOf(attributes['url.path']),
      serviceName: nameOf(span),
    }
    return sampler.shouldSample(asked) ?? false
  }
  return {
    decide: (spans) => {
      const [first] = spans as [ReadableSpan]
      const { traceId } = first.spanContext()
      // The rules are asked even about a fault, because they count the requests.
      const decision = (decisions.get(traceId) ?? byRules(first)) || spans.some(isFault)
      decisions.set(traceId, decision)
      return decision
    },
    close: () => closed.abort('shutting down'),
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

type Polling = Omit<Options, 'nameOf'> & { readonly closed: AbortSignal }

/**
 * Replaces the SDK's own HTTP request to the daemon, which has no deadline and crashes the process on an unexpected
 * answer. The SDK's pollers start one another and each start fetches the rules, so only one fetch runs at a time.
 */
const requestOf = ({ signal, located, closed, deadlineMs, retryMs }: Polling): SamplerConnection['request'] => {
  const { daemonAddress, sampler } = xraySdk()
  const agent = agentFor('http:', 1)
  let isFetchingRules = false
  let retry: NodeJS.Timeout | undefined
  closed.addEventListener('abort', () => {
    clearTimeout(retry)
    agent.destroy()
  })
  return ({ path }, onResponse) => {
    const request = new EventEmitter()
    const isForRules = path.endsWith('Rules')
    let body = ''
    const fetchOnce = async () => {
      await located
      if (closed.aborted) return
      try {
        const answer = await post({
          url: `http://${daemonAddress.tcp_ip}:${daemonAddress.tcp_port}${path}`,
          agent,
          headers: { 'Content-Type': 'application/json' },
          body: Buffer.from(body),
          abort: AbortSignal.any([closed, AbortSignal.timeout(deadlineMs)]),
        })
        signal.answered(answer.status)
        onResponse(Readable.from([checked(answer.status, answer.body)]))
      } catch (error) {
        request.emit('error', error)
        if (closed.aborted) return
        signal.failed({ error: `sampling rules: ${messageOf(error)}` })
        if (isForRules) retry = setTimeout(() => sampler.rulePoller.start(), retryMs).unref()
      }
    }
    const fetchRules = async () => {
      if (isFetchingRules) return
      isFetchingRules = true
      clearTimeout(retry)
      await fetchOnce()
      isFetchingRules = false
    }
    return Object.assign(request, {
      write: (chunk: string) => {
        body += chunk
      },
      end: () => void outsideTraces(isForRules ? fetchRules : fetchOnce),
    })
  }
}

/** The answer without the parts that would crash the SDK. */
const checked = (status: number, body: Buffer): string => {
  if (status !== 200) throw new Error(`HTTP ${status}`)
  const answer: unknown = JSON.parse(String(body))
  if (!isRecord(answer)) throw new Error('the answer is not an object')
  for (const [list, isUsable] of [
    ['SamplingRuleRecords', (one: unknown) => isRecord(one) && isRecord(one.SamplingRule)],
    ['SamplingTargetDocuments', isRecord],
  ] as const) {
    const given = answer[list] ?? []
    if (!Array.isArray(given)) throw new Error(`${list} is not a list`)
    answer[list] = given.filter(isUsable)
  }
  return JSON.stringify(answer)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
