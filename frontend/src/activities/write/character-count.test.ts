import assert from 'node:assert/strict'
import { test } from 'node:test'
import { characterCount, charactersIn, leftWords, tooLongWords } from './character-count.ts'

test('counts characters as the API does', () => {
  assert.equal(charactersIn('  Qapla’!\n'), 7)
  assert.equal(charactersIn('🖖'.repeat(280)), 280)
  assert.equal(charactersIn('e\u0301'), 1)
})

test('is near for the last twenty, and over after the limit', () => {
  const at = (used: number) => {
    const { isNear, isOver } = characterCount(used, 280)
    return isOver ? 'over' : isNear ? 'near' : 'far'
  }
  assert.deepEqual([0, 259, 260, 280, 281].map(at), ['far', 'far', 'near', 'near', 'over'])
})

test('announces only a few steps', () => {
  const said = [100, 20, 15, 11, 10, 1, 0, -1, -9].map((left) => leftWords(characterCount(280 - left, 280)))
  assert.deepEqual(
    [...new Set(said)],
    ['', 'At most 20 characters left', 'At most 10 characters left', 'No characters left', 'Too long to send'],
  )
})

test('says by how much a text is too long', () => {
  assert.equal(tooLongWords(characterCount(281, 280), 280), '1 character too many. The limit is 280.')
  assert.equal(tooLongWords(characterCount(292, 280), 280), '12 characters too many. The limit is 280.')
})
