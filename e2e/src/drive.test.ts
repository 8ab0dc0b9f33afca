import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drive } from '../drive/drive.ts'
import { reportOf } from '../drive/report.ts'

test('each of twenty actions in two browsers is one right trace, by what the browsers sent', async (t) => {
  const result = await drive({ seed: 28, actions: 20 })
  const report = reportOf(result)
  t.diagnostic(report)
  assert.deepEqual(
    [result.wrong, result.bare, result.unexplained].map(({ length }) => length),
    [0, 0, 0],
    report,
  )
  assert.equal(result.acts.length, 20)
})
