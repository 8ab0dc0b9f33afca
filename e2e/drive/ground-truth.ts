import type { Page, Request } from 'playwright-core'
import type { CollectedSpan } from '../src/collector.ts'
import { faultsOf, tracesOf } from '../src/trace.ts'

/** A request as the browser sent it. */
export type Sent = {
  who: string
  atMs: number
  /** `POST /api/activities/5c…/like`, without the query. */
  what: string
  traceId: string | null
  spanId: string | null
}

export type Act = {
  who: string
  name: string
  /** The root's name without its event (`like` for `click like`); null for an act that must not become a trace. */
  root: string | null
  /** Requests that the act must send. */
  must?: RegExp[]
  /** Requests that the act may send, unless the page has the answer already. */
  may?: RegExp[]
  /** Each of its requests has its own trace, as in scrolling. */
  isTracePerRequest?: boolean
}

export type Done = Act & { startMs: number; actedMs: number; endMs: number; failure?: string }

export type Judgement = { act: Done; traces: number; problems: string[] }

/** Records the API requests of a page, with the `traceparent` that the browser really sent. */
export const record = (page: Page, who: string, sent: Sent[]): void => {
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (!/^\/(api|rollbar)\//.test(url.pathname) || isStream(request)) return
    const parts = request.headers().traceparent?.split('-')
    sent.push({
      who,
      atMs: Date.now(),
      what: `${request.method()} ${url.pathname}`,
      traceId: parts?.[1] ?? null,
      spanId: parts?.[2] ?? null,
    })
  })
}

const isStream = (request: Request): boolean => request.resourceType() === 'eventsource'

/** Whether the root's name says that the page started the work by itself. */
export const isByPage = (root: CollectedSpan | undefined): boolean =>
  root !== undefined &&
  root.kind !== 'client' &&
  /^(load|scroll load|live|page|restore|sync|outbox|visit|vital|slow)\b/.test(root.name)

const nameWithoutEvent = (name: string): string => name.replace(/^\S+ /, '')
const matches = (patterns: RegExp[] | undefined, what: string): boolean =>
  (patterns ?? []).some((pattern) => pattern.test(what))

/** The event's time and the driver's clock may differ by this. */
const toleranceMs = 60
/** Requests that follow an answer are sent within this time. */
const followUpMs = 1_500

export const judge = (acts: readonly Done[], sent: readonly Sent[], spans: readonly CollectedSpan[]) => {
  const traces = tracesOf(spans)
  const rootOf = (traceId: string | null) =>
    (traces.get(traceId ?? '') ?? []).find(({ parentSpanId }) => parentSpanId === null)
  const actOfTrace = new Map<string, Done>()
  const judgements: Judgement[] = []

  const problemsOfTrace = (act: Done, traceId: string, requests: readonly Sent[]): string[] => {
    const trace = traces.get(traceId)
    if (!trace) return [`trace ${traceId} of ${requests.map(({ what }) => what)} never arrived`]
    const problems: string[] = []
    const root = rootOf(traceId)
    if (!root) problems.push(`trace ${traceId} has no root`)
    else {
      if (nameWithoutEvent(root.name) !== act.root) problems.push(`its root is “${root.name}”, not “… ${act.root}”`)
      if (root.startMs < act.startMs - toleranceMs || root.startMs > act.endMs)
        problems.push(`its root began ${Math.round(root.startMs - act.startMs)} ms from the act's start`)
      if (root.endMs - root.startMs > 10_100)
        problems.push(`its root lasts ${Math.round(root.endMs - root.startMs)} ms`)
    }
    const known = new Set(trace.map(({ spanId }) => spanId))
    for (const { what, spanId } of requests) if (!known.has(spanId ?? '')) problems.push(`${what} has no client span`)
    const isFollowUp = ({ who, what, atMs }: Sent) =>
      who === act.who && atMs < act.startMs + followUpMs && (matches(act.must, what) || matches(act.may, what))
    const strangers = sent.filter((one) => one.traceId === traceId && !requests.includes(one) && !isFollowUp(one))
    for (const { who, what, atMs } of strangers)
      problems.push(`contains ${what} of ${who}, sent ${Math.round(atMs - act.startMs)} ms after the act's start`)
    return [...problems, ...faultsOf(trace)]
  }

  for (const act of acts) {
    const requests = sent.filter(
      ({ who, what, atMs, traceId }) =>
        who === act.who &&
        atMs >= act.startMs - 5 &&
        atMs <= act.endMs &&
        (matches(act.must, what) || (matches(act.may, what) && !isByPage(rootOf(traceId)))) &&
        !acts.some((other) => other !== act && other.who === who && isNearer(other, act, what, atMs)),
    )
    const problems = act.failure
      ? [act.failure]
      : (act.must ?? [])
          .filter((pattern) => !requests.some(({ what }) => pattern.test(what)))
          .map((pattern) => `${pattern} was not sent`)
    for (const { what, traceId } of requests) if (!traceId) problems.push(`${what} has no traceparent`)
    const ids = [...new Set(requests.flatMap(({ traceId }) => traceId ?? []))]
    if (act.isTracePerRequest ? ids.length !== requests.length : ids.length > 1)
      problems.push(
        `${requests.length} requests in ${ids.length} traces: ${requests.map(({ what, traceId }) => `${what} ${traceId}`).join(', ')}`,
      )
    for (const id of ids) {
      const other = actOfTrace.get(id)
      if (other && other !== act) problems.push(`shares a trace with “${other.name}”`)
      actOfTrace.set(id, act)
      problems.push(
        ...problemsOfTrace(
          act,
          id,
          requests.filter(({ traceId }) => traceId === id),
        ),
      )
    }
    judgements.push({ act, traces: ids.length, problems })
  }

  const isAction = ({ service, parentSpanId, attributes }: CollectedSpan) =>
    service === 'cruddur-frontend' && parentSpanId === null && attributes['app.interaction.type'] !== 'load'
  const background = spans.filter((span) => isAction(span) && !actOfTrace.has(span.traceId))
  const rootless = sent.filter(({ traceId }) => {
    const root = rootOf(traceId)
    return !traceId || !root || root.kind === 'client' || root.service !== 'cruddur-frontend'
  })
  return { judgements, background, rootless }
}

/** A request that fits two acts belongs to the one that started last. */
const isNearer = (other: Done, act: Done, what: string, atMs: number): boolean =>
  (matches(other.must, what) || matches(other.may, what)) &&
  other.startMs > act.startMs &&
  atMs >= other.startMs - 5 &&
  atMs <= other.endMs
