import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import type { CollectedSpan, Collector } from './collector.ts'
import { drawTrace, faultsOf, tracesOf } from './trace.ts'

/** Longer than the page holds an action open after its last request, and than any batch waits. */
const quietMs = 1_100
const patienceMs = 12_000

const clockGrainMs = 2

/** Of a person's doing: what the page does by itself, or because others did something, is a trace of its own. */
const isAction = ({ service, parentSpanId, attributes }: CollectedSpan): boolean =>
  service === 'cruddur-frontend' &&
  parentSpanId === null &&
  typeof attributes['app.interaction.type'] === 'string' &&
  !['load', 'background'].includes(attributes['app.interaction.type'])

export type Witness = {
  /** Does one thing in a page and demands that it is exactly one whole trace, whose root has this name. */
  readonly sees: (rootName: string, act: () => Promise<unknown>) => Promise<CollectedSpan[]>
  /** How many actions were seen so far. */
  readonly seen: () => number
}

export const createWitness = (collector: Collector): Witness => {
  let count = 0
  return {
    seen: () => count,
    sees: async (rootName, act) => {
      const startedAt = Date.now() - clockGrainMs
      const actions = () => collector.spans.filter((span) => isAction(span) && span.startMs >= startedAt)
      await act()
      await collector.waitFor(() => actions().some(({ name }) => name === rootName), patienceMs).catch(() => {})
      await untilQuiet(collector)

      const roots = actions()
      const drawn = () => roots.map(({ traceId }) => drawTrace(traceOf(collector, traceId))).join('\n\n')
      assert.deepEqual(
        roots.map(({ name }) => name),
        [rootName],
        `one action, one trace:\n${drawn()}`,
      )
      const spans = traceOf(collector, (roots[0] as CollectedSpan).traceId)
      assert.deepEqual(faultsOf(spans), [], `“${rootName}” is not whole:\n${drawTrace(spans)}`)
      count++
      return spans
    },
  }
}

const traceOf = (collector: Collector, traceId: string): CollectedSpan[] => tracesOf(collector.spans).get(traceId) ?? []

/** Until nothing has come in for a while. */
export const untilQuiet = async (collector: Collector): Promise<void> => {
  const until = performance.now() + patienceMs
  for (let seen = -1; seen !== collector.spans.length && performance.now() < until; await setTimeout(quietMs)) {
    seen = collector.spans.length
  }
}
