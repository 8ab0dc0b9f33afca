import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { drawTrace } from '@cruddur/expect-trace'
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

export type TraceCheck = {
  /** Performs an action in a page, and checks that it is exactly one whole trace, whose root has this name. */
  readonly expectOneTrace: (rootName: string, act: () => Promise<unknown>) => Promise<CollectedSpan[]>
  /** How many actions were checked so far. */
  readonly checkedCount: () => number
}

export const createTraceCheck = (collector: Collector): TraceCheck => {
  let count = 0
  const traceOf = (traceId: string): CollectedSpan[] => tracesOf(collector.spans).get(traceId) ?? []
  return {
    checkedCount: () => count,
    expectOneTrace: async (rootName, act) => {
      const startedAt = Date.now() - clockGrainMs
      const actions = () =>
        collector.spans.filter(
          (span) => isAction(span) && span.startMs >= startedAt && !isOnlySlow(span, collector.spans),
        )
      await act()
      const isThere = ({ name, traceId }: CollectedSpan) => name === rootName && faultsOf(traceOf(traceId)).length === 0
      // The assertions below say what is missing.
      await collector.waitFor(() => actions().some(isThere), patienceMs).catch(() => {})
      await untilQuiet(collector)

      const roots = actions()
      const drawn = () => roots.map(({ traceId }) => drawTrace(traceOf(traceId))).join('\n\n')
      assert.deepEqual(
        roots.map(({ name }) => name),
        [rootName],
        `one action, one trace:\n${drawn()}`,
      )
      const spans = traceOf((roots[0] as CollectedSpan).traceId)
      assert.deepEqual(faultsOf(spans), [], `“${rootName}” is not whole:\n${drawTrace(spans)}`)
      count++
      return spans
    },
  }
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
