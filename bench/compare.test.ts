import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compare } from './compare.ts'
import { type ArmName, armNames } from './server/arm.ts'
import type { Sample } from './server/main.ts'
import { draw } from './server/report.ts'

const cpuMs: Record<ArmName, number> = {
  bare: 0.7,
  stock: 1.25,
  'stock with four': 1.5,
  'ours with four': 1.25,
  'ours at 10 %': 1.3,
}
const received = {
  ...{ spans: 1, requestSpans: 1, statementSpans: 1, spanBytes: 1, segments: 1, lines: 1, items: 0 },
  ...{ names: {}, refused: [] },
}
const arrived = Object.fromEntries(
  armNames.map((name) => [name, { sent: { requests: 1, homes: 1, refused: 0 }, received }]),
)

/** One start of a process is slower than another. */
const slownessOfStart = (arm: number, set: number) => 1 + 0.05 * Math.sin(7 * arm + 11 * set)

/** What a run would give on a machine that takes `slowness` times as long. */
const run = (firstSet: number, slowness: number, cpuOf: (name: ArmName) => number) => {
  const sampleOf = (name: ArmName, ms: number): Sample => ({
    ...{ cpuMs: ms, homeMs: ms, profileMs: ms, likeMs: ms, p50: ms, p99: ms, loopDelayP99: ms },
    ...{ perSecondOf4: 1e3 / ms, perSecondOf16: 1e3 / ms, allocatedKb: 100 * cpuMs[name], rssMb: 400 },
  })
  const sets = Array.from({ length: 5 }, (_, set) =>
    Object.fromEntries(
      armNames.map((name, arm) => [
        name,
        sampleOf(name, slowness * slownessOfStart(arm, firstSet + set) * cpuOf(name)),
      ]),
    ),
  )
  const rates = sets.map(() => 400)
  const { figures } = draw({ sets, rates, arrived, comparisons: [], differences: [] }, armNames)
  return { startedAt: '2026-11-29T10:00:00Z', parts: { server: figures } }
}
const differences = (second: ReturnType<typeof run>) =>
  compare(
    run(0, 1, (name) => cpuMs[name]),
    second,
  )
    .filter(({ agrees }) => !agrees)
    .map(({ name }) => name)

test('a machine that takes 1.2 times as long changes no figure that is judged', () => {
  assert.deepEqual(differences(run(5, 1.2, (name) => cpuMs[name])), [])
})

test('15 % more CPU of one arm is found, and so is its R', () => {
  const found = differences(run(5, 1.2, (name) => cpuMs[name] * (name === 'ours with four' ? 1.15 : 1)))
  assert.ok(found.includes('server, ours with four: R'))
  assert.ok(found.includes('server, ours with four: CPU of a request, × bare'))
  assert.ok(found.every((name) => name.startsWith('server, ours with four: ')))
})

test('15 % more CPU of stock with four is found, and R falls', () => {
  const found = differences(run(5, 1, (name) => cpuMs[name] * (name === 'stock with four' ? 1.15 : 1)))
  assert.ok(found.includes('server, stock with four: CPU of a request, × bare'))
  assert.ok(found.includes('server, ours with four: R'))
})
