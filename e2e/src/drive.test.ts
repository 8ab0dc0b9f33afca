import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drive, reportOf } from '../drive/drive.ts'

test('each of twenty acts in two browsers makes exactly the right traces', async (t) => {
  const result = await drive({ seed: 28, actions: 20 })
  const report = reportOf(result)
  t.diagnostic(report)
  assert.deepEqual(
    [result.wrong, result.rootless, result.unexplained].map(({ length }) => length),
    [0, 0, 0],
    report,
  )
  assert.equal(result.acts.length, 20)
})
