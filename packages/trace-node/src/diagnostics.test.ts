import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDiagLogger } from './diagnostics.ts'

test('writes one line a minute while a vendor is down', () => {
  let now = 0
  const lines: string[] = []
  const logger = createDiagLogger(
    (line) => lines.push(line),
    () => now,
  )
  const failure = JSON.stringify({
    name: 'Error',
    message: 'connect ECONNREFUSED',
    code: 'ECONNREFUSED',
    stack: 'Error\n at',
  })
  for (let times = 0; times < 100; times++) logger.error(failure)
  now = 59_999
  logger.warn('again')
  now = 60_000
  logger.error(failure)
  assert.deepEqual(lines, [
    'telemetry: Error ECONNREFUSED connect ECONNREFUSED',
    'telemetry: Error ECONNREFUSED connect ECONNREFUSED (and 100 more since the last line)',
  ])
})
