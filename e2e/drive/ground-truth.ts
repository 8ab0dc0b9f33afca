import type { Page, Request } from 'playwright-core'
import type { CollectedSpan } from '../src/collector.ts'
import { faultsOf, tracesOf } from '../src/trace.ts'

/** One request as the browser sent it. */
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
  /** The root's name without its event (`like` of `click like`); null for an act that must not be a trace. */
  root: string | null
  /** Requests that the act must send. */
  must?: RegExp[]
  /** Requests that the act may send, when the page does not have the answer yet. */
  may?: RegExp[]
  /** Each of its requests is a trace of its own: scrolling. */
  isEachItsOwn?: boolean
  /** Its requests are asked to fail, or need no SQL. */
  isWithoutSql?: boolean
}

export type Done = Act & { startMs: number; actedMs: number; endMs: number; failure?: string }

export type Judgement = { act: Done; traces: number; problems: string[] }

/** Every API request of a page, with the `traceparent` that the browser really sent. */
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

/** What the page does without a person has a root that says so. */
export const isByItself = (root: CollectedSpan | undefined): boolean =>
  root !== undefined &&
  root.kind !== 'client' &&
  /^(load|scroll load|live|page|restore|sync|outbox|visit|vital|slow)\b/.test(root.name)

export const actedOn = (name: string): string => name.replace(/^\S+ /, '')
const matches = (patterns: RegExp[] | undefined, what: string): boolean =>
  (patterns ?? []).some((pattern) => pattern.test(what))

/** The event and the driver's clock may be this far apart. */
const grainMs = 60
/** What an act asks for after its answer comes within this time. */
const lateMs = 1_500

export const judge = (acts: readonly Done[], sent: readonly Sent[], spans: readonly CollectedSpan[]) => {
  const traces = tracesOf(spans)
  const rootOf = (traceId: string | null) =>
    (traces.get(traceId ?? '') ?? []).find(({ parentSpanId }) => parentSpanId === null)
  const owned = new Map<string, Done>()
  const judgements: Judgement[] = []

  const problemsOfTrace = (act: Done, traceId: string, its: readonly Sent[]): string[] => {
    const trace = traces.get(traceId)
    if (!trace) return [`trace ${traceId} of ${its.map(({ what }) => what)} never arrived`]
    const problems: string[] = []
    const root = rootOf(traceId)
    if (!root) problems.push(`trace ${traceId} has no root`)
    else {
      if (actedOn(root.name) !== act.root) problems.push(`its root is “${root.name}”, not “… ${act.root}”`)
      if (root.startMs < act.startMs - grainMs || root.startMs > act.endMs)
        problems.push(`its root began ${Math.round(root.startMs - act.startMs)} ms from the act's start`)
      if (root.endMs - root.startMs > 10_100)
        problems.push(`its root lasts ${Math.round(root.endMs - root.startMs)} ms`)
    }
    const known = new Set(trace.map(({ spanId }) => spanId))
    for (const { what, spanId } of its) if (!known.has(spanId ?? '')) problems.push(`${what} has no client span`)
    const isLateOwn = ({ who, what, atMs }: Sent) =>
      who === act.who && atMs < act.startMs + lateMs && (matches(act.must, what) || matches(act.may, what))
    const strangers = sent.filter((one) => one.traceId === traceId && !its.includes(one) && !isLateOwn(one))
    for (const { who, what, atMs } of strangers)
      problems.push(`holds ${what} of ${who}, sent ${Math.round(atMs - act.startMs)} ms after the act's start`)
    const faults = faultsOf(trace).filter((fault) => !(act.isWithoutSql && /no SQL|no service span/.test(fault)))
    return [...problems, ...faults]
  }

  for (const act of acts) {
    const its = sent.filter(
      ({ who, what, atMs, traceId }) =>
        who === act.who &&
        atMs >= act.startMs - 5 &&
        atMs <= act.endMs &&
        (matches(act.must, what) || (matches(act.may, what) && !isByItself(rootOf(traceId)))) &&
        !acts.some((other) => other !== act && other.who === who && isNearer(other, act, what, atMs)),
    )
    const problems = act.failure
      ? [act.failure]
      : (act.must ?? [])
          .filter((pattern) => !its.some(({ what }) => pattern.test(what)))
          .map((pattern) => `${pattern} was not sent`)
    for (const { what, traceId } of its) if (!traceId) problems.push(`${what} has no traceparent`)
    const ids = [...new Set(its.flatMap(({ traceId }) => traceId ?? []))]
    if (act.isEachItsOwn ? ids.length !== its.length : ids.length > 1)
      problems.push(
        `${its.length} requests in ${ids.length} traces: ${its.map(({ what, traceId }) => `${what} ${traceId}`).join(', ')}`,
      )
    for (const id of ids) {
      const other = owned.get(id)
      if (other && other !== act) problems.push(`shares a trace with “${other.name}”`)
      owned.set(id, act)
      problems.push(
        ...problemsOfTrace(
          act,
          id,
          its.filter(({ traceId }) => traceId === id),
        ),
      )
    }
    judgements.push({ act, traces: ids.length, problems })
  }

  const isAction = ({ service, parentSpanId, attributes }: CollectedSpan) =>
    service === 'cruddur-frontend' && parentSpanId === null && attributes['app.interaction.type'] !== 'load'
  const background = spans.filter((span) => isAction(span) && !owned.has(span.traceId))
  const bare = sent.filter(({ traceId }) => {
    const root = rootOf(traceId)
    return !traceId || !root || root.kind === 'client' || root.service !== 'cruddur-frontend'
  })
  return { judgements, background, bare }
}

/** The same kind of request may be the work of either act: the one that began last before it. */
const isNearer = (other: Done, act: Done, what: string, atMs: number): boolean =>
  (matches(other.must, what) || matches(other.may, what)) &&
  other.startMs > act.startMs &&
  atMs >= other.startMs - 5 &&
  atMs <= other.endMs
