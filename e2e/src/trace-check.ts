import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { drawTrace } from '@cruddur/expect-trace'
import type { Browser, Page } from 'playwright-core'
import type { CollectedSpan, Collector } from './collector.ts'
import { faultsOf, isOnlySlow, tracesOf } from './trace.ts'

/** Longer than the page holds an action open after its last request, and longer than any batch waits. */
const quietMs = 2_000
const patienceMs = 30_000
const lookAgainMs = 50

const clockGrainMs = 2

/** A user's action. Work that the page does by itself, or because of other users, has its own trace. */
const isAction = ({ service, parentSpanId, attributes }: CollectedSpan): boolean =>
  service === 'cruddur-frontend' &&
  parentSpanId === null &&
  typeof attributes['app.interaction.type'] === 'string' &&
  !['load', 'background'].includes(attributes['app.interaction.type'])

/** From the moment before an action until no page had an open action. */
type Window = { rootName: string; startedAt: number; endedAt: number }

export type TraceCheck = {
  /** Performs an action in a page. `check` checks its trace. */
  readonly act: (rootName: string, act: () => Promise<unknown>) => Promise<void>
  /** Checks that each action since the last check is exactly one whole trace, whose root has the action's name. */
  readonly check: () => Promise<CollectedSpan[][]>
  /** Performs an action and checks it at once. */
  readonly expectOneTrace: (rootName: string, act: () => Promise<unknown>) => Promise<CollectedSpan[]>
  /** How many actions were checked so far. */
  readonly checkedCount: () => number
}

export const createTraceCheck = (collector: Collector, browser: Browser): TraceCheck => {
  let count = 0
  let windows: Window[] = []
  const traceOf = (traceId: string): CollectedSpan[] => tracesOf(collector.spans).get(traceId) ?? []
  const rootsOf = ({ startedAt, endedAt }: Window): CollectedSpan[] =>
    collector.spans.filter(
      (span) =>
        isAction(span) && span.startMs >= startedAt && span.startMs < endedAt && !isOnlySlow(span, collector.spans),
    )
  const isThere = (window: Window): boolean =>
    rootsOf(window).some(({ name, traceId }) => name === window.rootName && faultsOf(traceOf(traceId)).length === 0)

  const act: TraceCheck['act'] = async (rootName, act) => {
    const startedAt = Date.now() - clockGrainMs
    await act()
    const pages = browser.contexts().flatMap((context) => context.pages())
    await Promise.all(pages.map(untilNoActionIsOpen))
    windows.push({ rootName, startedAt, endedAt: Date.now() - clockGrainMs })
  }

  const check: TraceCheck['check'] = async () => {
    const checked = windows
    windows = []
    // The assertions below say what is missing.
    await collector.waitFor(() => checked.every(isThere), patienceMs).catch(() => {})
    await untilQuiet(collector)
    return checked.map((window) => {
      const { rootName } = window
      const roots = rootsOf(window)
      const drawn = () => roots.map(({ traceId }) => drawTrace(traceOf(traceId))).join('\n\n')
      assert.deepEqual(
        roots.map(({ name }) => name),
        [rootName],
        `“${rootName}” is not exactly one trace:\n${drawn()}`,
      )
      const spans = traceOf((roots[0] as CollectedSpan).traceId)
      assert.deepEqual(faultsOf(spans), [], `“${rootName}” is not whole:\n${drawTrace(spans)}`)
      count++
      return spans
    })
  }

  return {
    act,
    check,
    checkedCount: () => count,
    expectOneTrace: async (rootName, action) => {
      await act(rootName, action)
      return (await check()).at(-1) as CollectedSpan[]
    },
  }
}

type TracedPage = typeof globalThis & { [key: symbol]: { openInteractions: Set<unknown> } }

/** Each action stays open until its last request has been answered for a while, so a later action is another one. */
export const untilNoActionIsOpen = async (page: Page): Promise<void> => {
  const hasNone = () => (globalThis as TracedPage)[Symbol.for('@cruddur/trace-web')]?.openInteractions.size === 0
  await page.waitForFunction(hasNone, null, { polling: lookAgainMs })
}

/** Waits until no span has arrived for a while. */
export const untilQuiet = async (collector: Collector): Promise<void> => {
  const giveUpAt = performance.now() + patienceMs
  let [count, lastAt] = [collector.spans.length, performance.now()]
  while (performance.now() < Math.min(lastAt + quietMs, giveUpAt)) {
    await setTimeout(lookAgainMs)
    if (collector.spans.length > count) [count, lastAt] = [collector.spans.length, performance.now()]
  }
}
