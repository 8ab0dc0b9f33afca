import type { CollectedSpan, Collector } from '../src/collector.ts'
import type { LinkageServer } from './server.ts'

type Deed = () => Promise<unknown>
/** What a pattern needs of a page, so that it runs in each browser. */
export type Page = {
  locator: (selector: string) => { click: Deed; focus: Deed; hover: Deed }
  mouse: { wheel: (x: number, y: number) => Promise<unknown> }
  keyboard: {
    press: (key: 'Enter' | 'Space' | 'ArrowDown' | 'a' | 'b') => Promise<unknown>
  }
  evaluate: <Result>(run: (id: string) => Result, id: string) => Promise<Awaited<Result>>
}
type Drive = (page: Page, id: string) => Promise<unknown>
type Pattern = {
  id: string
  way: string
  requests: number
  mayRunTwice?: true
  /** The name of the root; null when the request itself must be the root. */
  root?: string | null
  /** Each request must have its own trace. */
  separate?: true
  drive?: Drive
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Waits for the end of an action without work. The page's own timer comes after those that the action has set. */
const untilEnded = (page: Page): Promise<unknown> =>
  // Firefox waits for native promises only, and zone.js replaces `Promise`.
  page.evaluate(async (ms) => {
    await new Promise((resolve) => setTimeout(resolve, Number(ms)))
  }, '900')

const click: Drive = (page, id) => page.locator(`#${id}`).click()

const typeAndEnter: Drive = async (page, id) => {
  await page.locator(`#${id}`).focus()
  await page.keyboard.press('Enter')
}

const clickWhileDrawing: Drive = async (page, id) => {
  await click(page, `${id}-before`)
  await click(page, id)
}

/** The ways from a user's action to a request in React code. */
export const patterns: Pattern[] = [
  { id: 'a', way: 'fetch in the handler', requests: 1 },
  { id: 'b1', way: 'await before fetch', requests: 1 },
  { id: 'b2', way: 'chained awaits', requests: 2 },
  { id: 'b3', way: 'awaits in a loop', requests: 4 },
  { id: 'b4', way: '.then chain', requests: 2 },
  { id: 'b5', way: 'import() before fetch', requests: 1 },
  { id: 'c', way: 'setState, effect', requests: 1 },
  { id: 'c2', way: 'lazy(), Suspense, effect', requests: 1, mayRunTwice: true },
  { id: 'c3', way: 'use(promise)', requests: 1 },
  { id: 'd1', way: 'useTransition, async action', requests: 1 },
  { id: 'd2', way: 'startTransition, await', requests: 1 },
  { id: 'd3', way: 'transition, setState, effect', requests: 1 },
  { id: 'd4', way: 'transition, while another one renders', requests: 2, drive: clickWhileDrawing },
  { id: 'e1', way: 'form action', requests: 1 },
  { id: 'e2', way: 'useActionState', requests: 1 },
  { id: 'e3', way: 'formAction of a button', requests: 2 },
  { id: 'e4', way: 'onSubmit by click', requests: 1 },
  { id: 'e5', way: 'onSubmit by Enter', requests: 1, drive: typeAndEnter, root: 'submit e5' },
  {
    id: 'e5',
    way: 'onSubmit of the same form by click',
    requests: 1,
    drive: (page, id) => click(page, `${id}-button`),
    root: 'submit e5',
  },
  { id: 'e6', way: 'onSubmit by Enter, no button', requests: 1, drive: typeAndEnter, root: 'submit e6' },
  { id: 'e7', way: 'requestSubmit() after await', requests: 1 },
  { id: 'f1', way: 'useMutation', requests: 1 },
  { id: 'f2', way: 'refetch', requests: 1 },
  { id: 'f3', way: 'query key changes', requests: 1 },
  { id: 'f4', way: 'invalidateQueries', requests: 1 },
  { id: 'f5', way: 'fetchNextPage', requests: 1 },
  { id: 'g1', way: 'React Router loader', requests: 1 },
  { id: 'g2', way: 'TanStack Router loader', requests: 1 },
  { id: 'g3', way: 'React Router fetcher.submit', requests: 1 },
  { id: 'h1', way: 'setTimeout', requests: 1 },
  { id: 'h2', way: 'requestAnimationFrame', requests: 1 },
  {
    id: 'h3',
    way: 'infinite scroll, withInteraction()',
    requests: 1,
    root: 'scroll load more',
    drive: async (page, id) => {
      await page.locator(`#${id}`).hover()
      await page.mouse.wheel(0, 60)
    },
  },
  { id: 'h4', way: 'IntersectionObserver', requests: 1 },
  { id: 'h5', way: 'requestIdleCallback', requests: 1 },
  { id: 'h6', way: 'MessagePort.onmessage', requests: 1 },
  { id: 'h7', way: 'XMLHttpRequest.onload', requests: 1 },
  { id: 'h8', way: 'img.onload', requests: 1 },
  { id: 'h9', way: 'queueMicrotask', requests: 1 },
  {
    id: 'h10',
    way: 'debounced typing',
    requests: 1,
    root: 'input h10',
    drive: async (page, id) => {
      await page.locator(`#${id}`).focus()
      // Both at once: the next key must come while the page waits for it.
      await Promise.all([page.keyboard.press('a'), page.keyboard.press('b')])
    },
  },
  { id: 'h11', way: 'external store', requests: 1 },
  { id: 'h12', way: 'MessagePort listener', requests: 1 },
  { id: 'h13', way: 'three at once', requests: 3 },
  { id: 'i1', way: 'useOptimistic', requests: 1 },
  { id: 'i2', way: 'onMutate, onSettled', requests: 2 },
  { id: 's1', way: 'click on an SVG icon', requests: 1 },
  { id: 'k1', way: 'Enter on a button', requests: 1, drive: typeAndEnter },
  {
    id: 'k1',
    way: 'Space on a button',
    requests: 1,
    drive: async (page, id) => {
      await page.locator(`#${id}`).focus()
      await page.keyboard.press('Space')
    },
  },
  { id: 'l1', way: 'label, checkbox, change', requests: 1 },
  {
    id: 'x1',
    way: 'select by keyboard',
    requests: 1,
    root: 'input x1',
    drive: async (page, id) => {
      await page.locator(`#${id}`).focus()
      await page.keyboard.press('ArrowDown')
    },
  },
  {
    id: 'p1',
    way: 'history.back(), popstate',
    requests: 1,
    drive: async (page, id) => {
      await page.locator('#forth').click()
      await page.locator(`#${id}`).click()
    },
  },
]

const scrollDown: Drive = async (page, id) => {
  await page.locator(`#${id}`).hover()
  await page.mouse.wheel(0, 2_000)
}

/** Work that must not be linked: it comes after the click has ended, or is an action of its own. */
export const separate: Pattern[] = [
  { id: 'u1', way: 'setTimeout, after the click', requests: 1, root: null },
  { id: 'u2', way: 'await of a timer, after the click', requests: 1, root: null },
  {
    id: 'u1',
    way: 'setTimeout, another click in between',
    requests: 1,
    root: null,
    drive: async (page, id) => {
      await click(page, id)
      await pause(300)
      await click(page, 'idle')
    },
  },
  { id: 'u3', way: 'effect, after the click', requests: 1, root: null },
  {
    id: 'u4',
    way: 'IntersectionObserver, after the click',
    requests: 1,
    root: null,
    drive: async (page, id) => {
      await click(page, `${id}-show`)
      await untilEnded(page)
      await scrollDown(page, id)
    },
  },
  {
    id: 'u5',
    way: 'scroll, right after a click',
    requests: 1,
    root: 'scroll load more',
    drive: async (page, id) => {
      await click(page, `${id}-show`)
      await scrollDown(page, id)
    },
  },
  {
    id: 'u6',
    way: 'one scroll that loads three pages',
    requests: 3,
    root: 'scroll load more',
    separate: true,
    drive: async (page, id) => {
      await click(page, `${id}-show`)
      await scrollDown(page, id)
    },
  },
  {
    id: 'u7',
    way: 'message of another tab, after the click',
    requests: 1,
    root: null,
    drive: async (page, id) => {
      await click(page, id)
      await untilEnded(page)
      await page.evaluate((name) => {
        const channel = new BroadcastChannel(name)
        channel.postMessage('')
        channel.close()
      }, id)
    },
  },
  { id: 'u8', way: 'withInteraction() inside a click', requests: 1, root: 'outbox send waiting' },
]

/** Cases that such a tracer cannot link. The docs must not promise them. */
export const limits: Pattern[] = [
  { id: 'n1', way: 'native await, in a script without a build', requests: 1 },
  { id: 'n2', way: 'pointerdown, which is not an action before its click', requests: 1 },
  { id: 'n3', way: 'fetch in a worker, which has no tracer', requests: 1 },
  { id: 'n4', way: 'setState that React delays for another update', requests: 2, drive: clickWhileDrawing },
]

export type Row = { id: string; way: string; linked: number; all: number; repeated: number; why: string }

declare const linkage: { settle: () => Promise<boolean> }

const maxAttempts = 5

const parentOf = (span: CollectedSpan, spans: readonly CollectedSpan[]): CollectedSpan | undefined =>
  spans.find(({ traceId, spanId }) => traceId === span.traceId && spanId === span.parentSpanId)

export const rootOf = (span: CollectedSpan, spans: readonly CollectedSpan[]): CollectedSpan => {
  const parent = parentOf(span, spans)
  return parent ? rootOf(parent, spans) : span
}

/** On a busy machine a span may arrive twice: the page sends again what was not answered within five seconds. */
export const once = (spans: readonly CollectedSpan[]): CollectedSpan[] => [
  ...new Map(spans.map((span) => [span.spanId, span])).values(),
]

export const requestSpans = (spans: readonly CollectedSpan[], id: string): CollectedSpan[] =>
  once(spans).filter(({ attributes }) => String(attributes['url.full']).endsWith(`/api/jobs/${id}`))

export const until = async (isTrue: () => boolean, what: string, timeoutMs = 30_000): Promise<void> => {
  const giveUpAt = Date.now() + timeoutMs
  while (!isTrue()) {
    if (Date.now() > giveUpAt) throw new Error(`${what}: not within ${timeoutMs} ms`)
    await pause(10)
  }
}

type Options = { rounds: number; strictMode?: boolean; of?: Pattern[]; repeatsLate?: boolean }
type Act = { pattern: Pattern; since: number; mayRunTwice: boolean; isRepeated: boolean }
type Done = { pattern: Pattern; expected: number; spanIds: string[] }

/** Performs pattern after pattern as a user would, and counts the actions that became one whole trace. */
export const runMatrix = async (
  page: Page,
  server: LinkageServer,
  collector: Collector,
  { rounds, strictMode = false, of: chosen = patterns, repeatsLate = true }: Options,
): Promise<Row[]> => {
  const acts: Act[] = []
  await settle(page)
  for (let round = 0; round < rounds; round += 1)
    for (const pattern of chosen) {
      const mayRunTwice = strictMode && round === 0 && pattern.mayRunTwice === true
      const mayRepeat = repeatsLate && patterns.includes(pattern)
      for (let attempt = 1, isRepeated = true; isRepeated; attempt += 1) {
        const since = server.requests.length
        const isLate = await perform(page, server, pattern, since)
        isRepeated = isLate && mayRepeat && attempt < maxAttempts
        acts.push({ pattern, since, mayRunTwice, isRepeated })
      }
    }

  const done = () => acts.filter(({ isRepeated }) => !isRepeated).map((act) => whatCameOf(act, acts, server))
  const isComplete = (spans: readonly CollectedSpan[]) =>
    done().every(({ spanIds }) => spanIds.every((id) => id === untraced || hasRoot(id, spans)))
  // The row of a pattern reports what is still missing.
  await collector.waitFor(isComplete).catch(() => {})
  return chosen.map((pattern) => ({
    ...rowOf(pattern, done(), once(collector.spans)),
    repeated: acts.filter((act) => act.isRepeated && act.pattern === pattern).length,
  }))
}

/** Says whether the machine was too slow for the action. */
const perform = async (page: Page, server: LinkageServer, pattern: Pattern, since: number): Promise<boolean> => {
  const sent = () => server.requests.slice(since).filter(({ id }) => id === pattern.id)
  await (pattern.drive ?? click)(page, pattern.id)
  await until(() => sent().length >= pattern.requests, pattern.id).catch(() => {})
  // The next action must not overlap: React renders two transitions together.
  return await settle(page)
}

const settle = (page: Page): Promise<boolean> => page.evaluate(async () => linkage.settle(), '')

const untraced = 'no traceparent'

/** All requests of the pattern until the next action of the same pattern. */
const whatCameOf = ({ pattern, since, mayRunTwice }: Act, acts: Act[], server: LinkageServer): Done => {
  const next = acts.find((other) => other.pattern.id === pattern.id && other.since > since)
  const sent = server.requests.slice(since, next?.since).filter(({ id }) => id === pattern.id)
  const isTwice = mayRunTwice && sent.length === 2 * pattern.requests
  const expected = isTwice ? 2 * pattern.requests : pattern.requests
  return { pattern, expected, spanIds: sent.map(({ traceparent }) => traceparent?.split('-')[2] ?? untraced) }
}

const rowOf = ({ id, way }: Pattern, done: Done[], spans: readonly CollectedSpan[]): Omit<Row, 'repeated'> => {
  const faults = done.filter(({ pattern }) => pattern.way === way).map((action) => faultOf(action, spans))
  const why = [...new Set(faults.filter((fault) => fault !== null))].join('; ')
  return { id, way, linked: faults.filter((fault) => fault === null).length, all: faults.length, why }
}

const hasRoot = (spanId: string, spans: readonly CollectedSpan[]): boolean => {
  const span = spans.find((one) => one.spanId === spanId)
  return span !== undefined && rootOf(span, spans).parentSpanId === null
}

const faultOf = ({ pattern, expected, spanIds }: Done, spans: readonly CollectedSpan[]): string | null => {
  if (spanIds.length !== expected) return `${spanIds.length} requests instead of ${expected}`
  const own = spans.filter(({ spanId }) => spanIds.includes(spanId))
  if (own.length !== expected) return `${own.length} of ${expected} request spans arrived`
  const roots = new Set(own.map((span) => rootOf(span, spans)))
  const traces = pattern.separate ? expected : 1
  if (roots.size !== traces) return `${roots.size} traces instead of ${traces}`
  for (const root of roots) {
    const fault = faultOfRoot(root, pattern, spans, expected / traces)
    if (fault) return fault
  }
  return null
}

const faultOfRoot = (
  root: CollectedSpan,
  { id, root: wanted = `click ${id}` }: Pattern,
  spans: readonly CollectedSpan[],
  requests: number,
): string | null => {
  if (root.parentSpanId !== null) return 'the root never arrived'
  const name = wanted ?? 'GET /api/jobs/:id'
  if (root.name !== name) return `the root is "${root.name}"`
  const trace = spans.filter(({ traceId }) => traceId === root.traceId)
  const more = trace.length - requests - (wanted === null ? 0 : 1)
  return more === 0 ? null : `${more} spans in the trace do not belong to this action`
}

export const drawTable = (title: string, rows: Row[]): string => {
  const sum = (key: 'linked' | 'all') => rows.reduce((total, row) => total + row[key], 0)
  const lines = rows.map(
    ({ id, way, linked, all, repeated, why }) =>
      `  ${id.padEnd(4)} ${way.padEnd(36)} ${linked}/${all}${repeated ? `   late ${repeated} times` : ''}${why && `   ${why}`}`,
  )
  return [`${title}: ${sum('linked')} of ${sum('all')} actions linked`, ...lines].join('\n')
}
