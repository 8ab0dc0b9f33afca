import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstWords } from './activity-words.ts'

test('the first words of a message name it', () => {
  assert.equal(firstWords('  Qapla’! '), 'Qapla’!')
  assert.equal(firstWords('Today is a good\nday to die, again'), 'Today is a good day…')
  assert.equal(firstWords('a'.repeat(60)), `${'a'.repeat(40)}…`)
  assert.equal(firstWords('👩‍🚀'.repeat(30)).isWellFormed(), true)
})
