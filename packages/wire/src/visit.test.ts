import assert from 'node:assert/strict'
import { test } from 'node:test'
import { visitIdOf } from './visit.ts'

const secret = '000102030405060708090a0b0c0d0e0f'

test('a visit is named by the first half of the SHA-256 of its secret', async () => {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret))
  assert.equal(visitIdOf(secret), Buffer.from(digest).toString('hex', 0, 16))
  assert.equal(visitIdOf(secret), 'd65df89f702eec58ca3c7bf2001c9ffc')
})

test('a header that is not exactly 32 lower-case hex digits names no visit', () => {
  for (const header of [
    undefined,
    '',
    secret.slice(1),
    `${secret}0`,
    secret.toUpperCase(),
    `${secret}\n`,
    ` ${secret}`,
    `${secret}, ${secret}`,
    [secret],
    `0x${secret.slice(2)}`,
    secret.replace('0', 'o'),
    secret.replace('0', '\uff10'),
  ])
    assert.equal(visitIdOf(header), undefined, JSON.stringify(header))
})
