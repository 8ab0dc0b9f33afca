import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SafeStorage } from './safe-storage.ts'
import { someStorage, throwingStorage } from './testing.ts'

test('what is kept is found by its name and by the beginning of it', () => {
  const kept = someStorage()
  const storage = new SafeStorage(() => kept)
  storage.set('draft:a', '1')
  storage.set('outbox:b', '2')
  assert.equal(storage.get('draft:a'), '1')
  assert.deepEqual(storage.names('draft:'), ['draft:a'])
  storage.remove('draft:a')
  assert.equal(storage.get('draft:a'), null)
})

test('a storage that throws at everything is replaced by the memory of the page', () => {
  const storage = new SafeStorage(() => throwingStorage)
  storage.set('a', '1')
  assert.equal(storage.get('a'), '1')
  assert.deepEqual(storage.names(''), ['a'])
  storage.remove('a')
  assert.equal(storage.get('a'), null)
})

test('a storage that may not even be looked at is one that throws', () => {
  const storage = new SafeStorage(() => {
    throw new DOMException('Access is denied.', 'SecurityError')
  })
  storage.set('a', '1')
  assert.equal(storage.get('a'), '1')
})

test('a storage that was full for a while is the one that counts again', () => {
  const kept = someStorage()
  let isFull = true
  const storage = new SafeStorage(() => (isFull ? throwingStorage : kept))
  storage.set('a', '1')
  isFull = false
  storage.set('a', '2')
  kept.setItem('a', '3')
  assert.equal(storage.get('a'), '3')
})
