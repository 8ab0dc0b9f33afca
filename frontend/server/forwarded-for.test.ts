import assert from 'node:assert/strict'
import { BlockList } from 'node:net'
import { test } from 'node:test'
import { clientOf, forwardedForOf, networksOf } from './forwarded-for.ts'

const trusting = (list: string) => forwardedForOf(networksOf(list) ?? assert.fail(list))

test("without trusted proxies only the socket's address counts", () => {
  const forwardedFor = forwardedForOf(new BlockList())
  assert.equal(forwardedFor('127.0.0.1', '6.6.6.6'), '127.0.0.1')
  assert.equal(forwardedFor(undefined, '6.6.6.6'), '')
})

test("the header of a trusted proxy is kept, followed by the proxy's own address", () => {
  const forwardedFor = trusting('10.0.0.0/8, 203.0.113.7,fd00::/8,')
  for (const proxy of ['10.1.2.3', '::ffff:10.1.2.3', '203.0.113.7', 'fd12::1'])
    assert.equal(forwardedFor(proxy, '6.6.6.6'), `6.6.6.6, ${proxy}`)
  for (const stranger of ['11.1.2.3', '203.0.113.8', '::ffff:11.1.2.3', 'fe80::1'])
    assert.equal(forwardedFor(stranger, '6.6.6.6'), stranger)
  assert.equal(forwardedFor('10.1.2.3', undefined), '10.1.2.3')
})

test('named networks work; anything that is not a network is refused, and so is /0', () => {
  assert.equal(trusting('loopback')('::1', '6.6.6.6'), '6.6.6.6, ::1')
  assert.equal(trusting('uniquelocal')('172.20.0.3', '6.6.6.6'), '6.6.6.6, 172.20.0.3')
  for (const wrong of ['localhost', '10.0.0', '10.0.0.0/33', '0.0.0.0/0', '::/0', 'fd00::/129', '1', 'constructor']) {
    assert.equal(networksOf(wrong), null, wrong)
  }
})

test('the client is the last address that is not a trusted proxy, whatever stands to its left', () => {
  const client = clientOf(networksOf('10.0.0.0/8') ?? assert.fail())
  assert.equal(client('203.0.113.7'), '203.0.113.7')
  assert.equal(client('6.6.6.6, 203.0.113.7, 10.1.2.3, 10.0.0.1'), '203.0.113.7')
  assert.equal(client('nonsense, 10.0.0.1'), 'nonsense')
  assert.equal(client('10.9.9.9, 10.0.0.1'), '10.9.9.9')
})
