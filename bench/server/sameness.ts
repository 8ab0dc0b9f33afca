// Says what one arm's vendors got and another's did not. Arms that are measured against each other must send the same.
import type { Span } from '@cruddur/vendor-doubles/span'
import type { Seen } from './sinks.ts'

type Facts = Readonly<Record<string, unknown>>
/** A span, a log line or an X-Ray segment. `key` says what it is in both arms, even when its name differs. */
export type Evidence = { readonly key: string; readonly facts: Facts; readonly children: Evidence[] }
/** `fact` and `of` are whole patterns. Without `fact`, the difference is that `of` is missing. */
export type Difference = { readonly of: RegExp; readonly fact?: RegExp; readonly reason: string }

/** What stock sends and ours does not, or sends with another value. */
export const stockAndOurs: readonly Difference[] = [
  {
    of: /statement .*/s,
    fact: /name/,
    reason: 'stock names a statement after its database, ours after its tables (db.query.summary)',
  },
  {
    of: /request .*/,
    fact: /client\.address|network\.peer\..*/,
    reason: "ours keeps a visitor's address out of spans",
  },
  {
    of: /segment .*/,
    fact: /http\.request\.(client_ip|user_agent)/,
    reason: "ours keeps a visitor's address and browser out of segments",
  },
  {
    of: /segment .*/,
    fact: /name|service\..*/,
    reason: "a segment of stock has Node's version, ours has the service's name and version",
  },
  { of: /log .*/, fact: /service|env/, reason: 'log lines of the stock arm say that they are of bench' },
]

export const allAndTenPercent: readonly Difference[] = [
  {
    of: /.*/s,
    fact: /(metadata\.otel\.)?SampleRate/,
    reason: 'at 10 % SampleRate says for how many traces a span counts',
  },
]

export const isOfLoad = ({ kind, attributes }: Span): boolean =>
  kind === 'server' && String(attributes['url.path'] ?? attributes['http.target'] ?? '').startsWith('/api/activities')

export const leftOut = "stock has a span for each of Express's layers; what they say is on the span of the request"
const isLeftOut = ({ attributes }: Span): boolean => 'express.type' in attributes
/** Values that differ from process to process and from request to request: only their presence is compared. */
const variable =
  /^(server\.port|db\.namespace|app\.now|duration_ms|timestamp|(xray_)?trace_id|span_id|resource\..*|aws\.xray\.sdk_version)$/
const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

const comparable = (key: string, value: unknown): unknown =>
  variable.test(key)
    ? 'present'
    : typeof value === 'string'
      ? value
          .replace(uuid, '<uuid>')
          .replace(/127\.0\.0\.1:\d+/, '<host>')
          .replace(/^\[\d{4}[^\]]+\]/, '[<time>]')
      : value

const factsOf = (fields: object): Facts =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, comparable(key, value)]))

/** `{ a: { b: 1 } }` becomes `{ 'a.b': 1 }`. */
const flat = (fields: object, before = ''): [string, unknown][] =>
  Object.entries(fields).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null ? flat(value, `${before}${key}.`) : [[before + key, value] as const],
  ) as [string, unknown][]

const keyOf = (span: Span): string => {
  const statement = span.attributes['db.query.text'] ?? span.attributes['db.statement']
  if (statement !== undefined) return `statement ${statement}`
  return isOfLoad(span) ? `request ${span.name}` : span.name
}

/** Everything about each request of the load since that time: its spans, its log lines, its segment. */
export const evidenceIn = ({ spans, segments, lines }: Seen, since = 0): Evidence[] => {
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  const parentOf = (span: Span): Span | undefined => {
    const parent = byId.get(span.parentSpanId ?? '')
    return parent && isLeftOut(parent) ? parentOf(parent) : parent
  }
  const sorted = spans.filter((span) => !isLeftOut(span)).toSorted((a, b) => a.startMs - b.startMs)
  const made = new Map<Span, Evidence>()
  for (const span of sorted) {
    const resource = Object.keys(span.resource).map((key) => [`resource.${key}`, true] as const)
    const { name, kind, status } = span
    const facts = factsOf({
      name,
      kind,
      status,
      ...span.attributes,
      ...(isOfLoad(span) && Object.fromEntries(resource)),
    })
    made.set(span, { key: keyOf(span), facts, children: [] })
  }
  for (const [span, evidence] of made) {
    const parent = parentOf(span)
    if (parent) made.get(parent)?.children.push(evidence)
  }
  const roots = sorted.filter((span) => isOfLoad(span) && span.startMs >= since)
  for (const { message } of lines) {
    const fields = JSON.parse(message)
    const span = byId.get(fields.span_id)
    const owner = span && isLeftOut(span) ? parentOf(span) : span
    if (!owner || fields.trace_id !== owner.traceId) continue
    const facts = factsOf(fields)
    made.get(owner)?.children.push({ key: `log ${facts.message}`, facts, children: [] })
  }
  // Stock's segments have trace ids of their own, so a segment belongs to the next request with its method and path.
  const waiting = new Set(roots)
  const own = segments
    .filter(({ type, start_time: start }) => type !== 'subsegment' && start * 1e3 >= since)
    .toSorted((a, b) => a.start_time - b.start_time)
  for (const { id: _id, start_time: _start, end_time: _end, trace_id: _trace, subsegments: _sub, ...rest } of own) {
    const fields = Object.fromEntries(flat(rest))
    const { 'http.request.method': method, 'http.request.url': url } = fields
    const owner = [...waiting].find(
      ({ attributes }) =>
        attributes['http.request.method'] === method && String(url).endsWith(String(attributes['url.path'])),
    )
    if (!owner) continue
    waiting.delete(owner)
    made.get(owner)?.children.push({ key: `segment ${method}`, facts: factsOf(fields), children: [] })
  }
  return roots.map((root) => made.get(root) as Evidence)
}

const short = (text: string): string => (text.length > 70 ? `${text.slice(0, 70)}…` : text).replace(/\s+/g, ' ')
const whole = (pattern: RegExp, text: string): boolean => pattern.exec(text)?.[0] === text

/** What `first` has and `second` has not: each a sentence. Differences that are expected are left out. */
const missingFrom = (second: Evidence, first: Evidence, expected: readonly Difference[]): string[] => {
  const isExpected = (key: string, fact: string) =>
    expected.some((one) => whole(one.of, key) && (one.fact ? whole(one.fact, fact) : fact === ''))
  const parents = new Map<string, string>()
  const remember = ({ key, children }: Evidence) => {
    for (const child of children) {
      parents.set(child.key, key)
      remember(child)
    }
  }
  remember(second)
  const compare = (from: Evidence, to: Evidence): string[] => {
    const facts = Object.entries(from.facts).flatMap(([fact, value]) => {
      if (isExpected(from.key, fact) || JSON.stringify(to.facts[fact]) === JSON.stringify(value)) return []
      const found = fact in to.facts ? `${short(JSON.stringify(to.facts[fact]))} instead of` : 'missing:'
      const who = from === first ? '' : `${short(from.key)}: `
      return [`${who}${fact} is ${found} ${short(JSON.stringify(value))}`]
    })
    const left = [...to.children]
    const children = from.children.flatMap((child) => {
      const at = left.findIndex(({ key }) => key === child.key)
      const [match] = at < 0 ? [] : left.splice(at, 1)
      if (match) return compare(child, match)
      if (isExpected(child.key, '')) return []
      const elsewhere = parents.get(child.key)
      return elsewhere === undefined || elsewhere === from.key
        ? [`${short(child.key)} is missing below ${short(from.key)}`]
        : [`${short(child.key)} is below ${short(elsewhere)} instead of ${short(from.key)}`]
    })
    return [...facts, ...children]
  }
  return compare(first, second)
}

const all = ({ children, ...node }: Evidence): Evidence[] => [{ ...node, children }, ...children.flatMap(all)]

export const sizeOf = (requests: readonly Evidence[]): string => {
  const keys = requests.flatMap(all).map(({ key }) => key)
  const count = (word: string) => keys.filter((key) => key.startsWith(`${word} `)).length
  const [logs, segments] = [count('log'), count('segment')]
  return `${requests.length} requests, ${keys.length - logs - segments} spans, ${logs} log lines, ${segments} segments`
}

/** Compares each request of `first` with every request of the same kind in `second`. */
export const differencesOf = (
  first: readonly Evidence[],
  second: readonly Evidence[],
  expected: readonly Difference[],
): string[] => {
  const sentences = first.flatMap((request) => {
    const same = second.filter(({ key }) => key === request.key)
    if (same.length === 0) return [`${request.key} is missing`]
    return same.flatMap((other) => missingFrom(other, request, expected).map((words) => `${request.key}: ${words}`))
  })
  return [...new Set(sentences)]
}
