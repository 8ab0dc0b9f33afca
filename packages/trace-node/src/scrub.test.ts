import assert from 'node:assert/strict'
import { test } from 'node:test'
import { escapeControls, redactQuery, scrubText } from './scrub.ts'
import { shortestMs } from './testing.ts'

test("keeps a query's names, and its values that are harmless", () => {
  assert.equal(redactQuery('/a?limit=5'), '/a?limit=5')
  assert.equal(redactQuery('/a?ready'), '/a?ready')
  assert.equal(redactQuery('/a?token=x&limit=x&0af7651916cd'), '/a?token=…&limit=…&…')
  assert.equal(redactQuery('/a#token'), '/a')
  assert.equal(redactQuery('/a?#token'), '/a')
})

test('keeps text that helps to find a fault, and removes private values', () => {
  const table = [
    ['relation "activities" does not exist', 'relation "activities" does not exist'],
    ['invalid input syntax for type uuid: "mine"', 'invalid input syntax for type uuid: "[value]"'],
    ['value "99999999999" is out of range for type integer', 'value "[value]" is out of range for type integer'],
    ['Key (handle, mail)=(worf, w@example.com) already exists.', 'Key (handle, mail)=([value]) already exists.'],
    ['connect ECONNREFUSED 127.0.0.1:5432', 'connect ECONNREFUSED 127.0.0.1:5432'],
    ['postgres://worf:batleth@db/cruddur', 'postgres://[secret]@db/cruddur'],
    ['GET /api/search?q=prune&limit=3 failed', 'GET /api/search?q=…&limit=3 failed'],
    ['api_key: abc, then', 'api_key: [secret], then'],
    [
      'client_secret=abc accessToken=def and the tokens: 3',
      'client_secret=[secret] accessToken=[secret] and the tokens: 3',
    ],
    ['Set-Cookie: a=b; HttpOnly', 'Set-Cookie: [secret]'],
    ['Bearer abcdef.ghi', 'Bearer [secret]'],
    ['no such bearer: Bearer abcdef and bearer Bearer ghijkl', 'no such bearer: Bearer [secret] and bearer [secret]'],
    ['x-visit: 000102030405060708090a0b0c0d0e0f', 'x-visit: [secret]'],
    ["{ 'X-Visit': '000102030405060708090a0b0c0d0e0f', host: 'x' }", "{ 'X-Visit': [secret], host: 'x' }"],
    ["[ 'x-visit', '0001', 'host', 'x' ]", "[ 'x-visit', [secret], 'host', 'x' ]"],
    ['write to worf@qonos.example.com now', 'write to [mail] now'],
  ]
  for (const [given = '', expected] of table) assert.equal(scrubText(given), expected)
})

test('scrubs a hostile text about as fast as a harmless one', () => {
  const timeOf = (part: string) => {
    const value = part.repeat(4_096).slice(0, 4_096)
    return shortestMs(() => {
      for (let i = 0; i < 64; i++) scrubText(value)
    })
  }
  const harmless = timeOf('a word ')
  for (const part of [
    'a',
    'a-',
    '-token',
    'x_x-',
    'a@',
    '?a=',
    '=(',
    '":',
    ' invalid',
    'cookie=',
    'password=',
    '//a:',
    ')=(',
    'value "',
  ]) {
    const ratio = timeOf(part) / harmless
    // The ratio is below 10. A pattern that looks back at each character would make it hundreds.
    assert.ok(ratio < 100, `${part}: ${ratio}`)
  }
})

test('shows control characters as text', () => {
  assert.equal(escapeControls('a\nb\u001b[31m\u2028'), 'a\\u000ab\\u001b[31m\\u2028')
})
