import assert from 'node:assert/strict'
import { test } from 'node:test'
import { characterCount, charactersIn, leftWords, tooLongWords } from './character-count.ts'

test('characters are counted as the API counts them', () => {
  assert.equal(charactersIn('  Qapla’!\n'), 7)
  assert.equal(charactersIn('🖖'.repeat(280)), 280)
  assert.equal(charactersIn('e\u0301'), 1)
})

test('the last twenty are near the end, and one more than the most is over it', () => {
  const at = (used: number) => {
    const { isNear, isOver } = characterCount(used, 280)
    return isOver ? 'over' : isNear ? 'near' : 'far'
  }
  assert.deepEqual([0, 259, 260, 280, 281].map(at), ['far', 'far', 'near', 'near', 'over'])
})

test('what is said aloud changes rarely', () => {
  const said = [100, 20, 15, 11, 10, 1, 0, -1, -9].map((left) => leftWords(characterCount(280 - left, 280)))
  assert.deepEqual(
    [...new Set(said)],
    ['', '20 characters left at most', '10 characters left at most', 'No characters left', 'Too long to send'],
  )
})

test('what is too long says by how much', () => {
  assert.equal(tooLongWords(characterCount(281, 280), 280), '1 character too many: 280 is the most.')
  assert.equal(tooLongWords(characterCount(292, 280), 280), '12 characters too many: 280 is the most.')
})
