import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanError, cleanText } from './clean-error.ts'

test('mail addresses, secrets and query strings are removed, the rest stays', () => {
  const table = [
    ['Cannot read properties of undefined', 'Cannot read properties of undefined'],
    ['GET /api/search?q=prune&limit=3 failed', 'GET /api/search?… failed'],
    ['at https://cruddur.test/a?token=x (line 3)', 'at https://cruddur.test/a?… (line 3)'],
    ['write to worf@qonos.example.com now', 'write to [mail] now'],
    ['Bearer abcdef.ghi', 'Bearer [secret]'],
    ['password: batleth, then', 'password: [secret], then'],
  ]
  for (const [given = '', expected] of table) assert.equal(cleanText(given), expected)
})

test('stack frames of every browser stay, the message before them is cleaned once', () => {
  const error = new TypeError('no worf@qonos.example.com')
  error.stack = [
    'TypeError: no worf@qonos.example.com',
    'and a second line of words',
    '    at draw (https://cruddur.test/assets/a.js:1:2)',
    'draw@https://cruddur.test/assets/a.js:1:2',
  ].join('\n')
  assert.equal(
    cleanError(error).stack,
    [
      'TypeError: no [mail]',
      '    at draw (https://cruddur.test/assets/a.js:1:2)',
      'draw@https://cruddur.test/assets/a.js:1:2',
    ].join('\n'),
  )
})

test('any thrown value becomes an error, and a chain of causes is cut', () => {
  assert.equal(cleanError('words').message, 'words')
  assert.equal(cleanError(Object.create(null)).message, 'unreadable value')
  const circular = new Error('again')
  circular.cause = circular
  let depth = 0
  for (let error: unknown = cleanError(circular); error instanceof Error; error = error.cause) depth += 1
  assert.equal(depth, 4)
})

test('hostile text is cleaned fast', () => {
  for (const part of ['a', '@', 'a@', '?a=', 'password=', 'token-', 'bearer ']) {
    const before = process.cpuUsage()
    cleanText(part.repeat(100_000))
    const { user, system } = process.cpuUsage(before)
    assert.ok(user + system < 100_000, part)
  }
})
