import assert from 'node:assert/strict'
import { test } from 'node:test'
import { networkOf } from './network.ts'

test('the IPv6 network of one customer counts as one address', () => {
  assert.equal(networkOf('2001:db8:1:ff00::1'), networkOf('2001:db8:1:ffff:1:2:3:4'))
  assert.notEqual(networkOf('2001:db8:1:ff00::1'), networkOf('2001:db8:1:fe00::1'))
  assert.equal(networkOf('::ffff:192.0.2.1'), '192.0.2.1')
  assert.equal(networkOf('192.0.2.1'), '192.0.2.1')
})
