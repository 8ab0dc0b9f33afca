import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SafeStorage } from './safe-storage.ts'
import { someStorage, throwingStorage } from './testing.ts'

test('finds an entry by its name and by a prefix', () => {
  const kept = someStorage()
  const storage = new SafeStorage(() => kept)
  storage.set('draft:a', '1')
  storage.set('outbox:b', '2')
  assert.equal(storage.get('draft:a'), '1')
  assert.deepEqual(storage.names('draft:'), ['draft:a'])
  storage.remove('draft:a')
  assert.equal(storage.get('draft:a'), null)
})

test('uses memory if the storage throws', () => {
  const storage = new SafeStorage(() => throwingStorage)
  storage.set('a', '1')
  assert.equal(storage.get('a'), '1')
  assert.deepEqual(storage.names(''), ['a'])
  storage.remove('a')
  assert.equal(storage.get('a'), null)
})

test('uses memory if the browser denies access to the storage', () => {
  const storage = new SafeStorage(() => {
    throw new DOMException('Access is denied.', 'SecurityError')
  })
  storage.set('a', '1')
  assert.equal(storage.get('a'), '1')
})

test('uses the storage again once it is no longer full', () => {
  const kept = someStorage()
  let isFull = true
  const storage = new SafeStorage(() => (isFull ? throwingStorage : kept))
  storage.set('a', '1')
  isFull = false
  storage.set('a', '2')
  kept.setItem('a', '3')
  assert.equal(storage.get('a'), '3')
})
