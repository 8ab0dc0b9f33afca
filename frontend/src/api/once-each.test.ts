import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onceEach } from './once-each.ts'

test('an item on two pages is shown once, where it comes first', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((uuid) => ({ uuid, read: false })) as [Item, Item, Item]
  assert.deepEqual(
    onceEach([
      [a, b],
      [{ ...b, read: true }, c],
    ]),
    [a, b, c],
  )
})

type Item = { uuid: string; read: boolean }
