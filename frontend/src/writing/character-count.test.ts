import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countCharacters, leftWords, tooLongWords, usedWords } from './character-count.ts'

const count = (used: number) => countCharacters('x'.repeat(used), 280)

test('counts characters as the API does', () => {
  assert.equal(countCharacters('  Qapla’!\n', 280).used, 7)
  assert.equal(countCharacters('🖖'.repeat(280), 280).used, 280)
  assert.equal(countCharacters('e\u0301', 280).used, 1)
})

test('is near for the last twenty characters, and over after the limit', () => {
  const at = (used: number) => {
    const { isNear, isOver } = count(used)
    return isOver ? 'over' : isNear ? 'near' : 'far'
  }
  assert.deepEqual([0, 259, 260, 280, 281].map(at), ['far', 'far', 'near', 'near', 'over'])
})

test('announces only a few steps', () => {
  const announced = [100, 20, 15, 11, 10, 1, 0, -1, -9].map((left) => leftWords(count(280 - left)))
  assert.deepEqual(
    [...new Set(announced)],
    ['', 'At most 20 characters left', 'At most 10 characters left', 'No characters left', 'Too long to send'],
  )
})

test('says by how much a text is too long', () => {
  assert.equal(tooLongWords(count(280)), null)
  assert.equal(tooLongWords(count(281)), '1 character too many. The limit is 280.')
  assert.equal(tooLongWords(count(292)), '12 characters too many. The limit is 280.')
})

test('says how much of the limit is used', () => {
  assert.equal(usedWords(countCharacters('x'.repeat(1_000), 1_024)), '1,000 of 1,024 characters')
})
