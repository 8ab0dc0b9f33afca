import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agree } from './compare.ts'
import { estimate, median, quantile, shuffled } from './statistics.ts'

test('a quantile between two values is between them', () => {
  assert.equal(median([3, 1, 2]), 2)
  assert.equal(median([4, 1, 2, 3]), 2.5)
  assert.equal(quantile([0, 10], 0.99), 9.9)
})

test("an interval is Student's for the mean of the sets", () => {
  const { value, half } = estimate([1, 2, 3, 4, 5])
  assert.equal(value, 3)
  assert.ok(Math.abs(half - 1.963) < 0.001, `± ${half}`)
  assert.deepEqual(estimate([2, 2, 2]), { value: 2, half: 0 })
})

test('two runs agree when their difference is within its own interval', () => {
  const run = (value: number, half: number, matters = 0) => ({ value, half, matters })
  assert.ok(agree(run(5, 1), run(6.4, 1)))
  assert.ok(!agree(run(5, 1), run(6.5, 1)))
  assert.ok(agree(run(5, 0), run(5, 0)))
})

test('a difference that does not matter is none', () => {
  const run = (value: number) => ({ value, half: 0, matters: 16.7 })
  assert.ok(agree(run(16.8), run(33.4)))
  assert.ok(!agree(run(16.8), run(50)))
})

test('95 % intervals hold the true value in 95 of 100 runs, and few runs of the same thing disagree', () => {
  const runs = 4_000
  let [held, apart] = [0, 0]
  for (let run = 0; run < runs; run++) {
    const [a, b] = [estimate(normal(5)), estimate(normal(5))]
    if (Math.abs(a.value) <= a.half) held++
    if (!agree({ ...a, matters: 0 }, { ...b, matters: 0 })) apart++
  }
  assert.ok(held / runs > 0.93 && held / runs < 0.97, `${held} of ${runs}`)
  assert.ok(apart / runs > 0.01 && apart / runs < 0.05, `${apart} of ${runs}`)
})

test('shuffling keeps every item', () => {
  assert.deepEqual(shuffled([1, 2, 3, 4]).toSorted(), [1, 2, 3, 4])
})

const normal = (count: number): number[] =>
  Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random()),
  )
