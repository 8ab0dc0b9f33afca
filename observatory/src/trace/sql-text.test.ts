import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withoutMargin } from './sql-text.ts'

test('a statement loses its margin and keeps its shape', () => {
  assert.equal(withoutMargin('\n    SELECT a\n      FROM t\n    '), 'SELECT a\n  FROM t')
  assert.equal(withoutMargin('SELECT a\n      FROM t\n     WHERE b'), 'SELECT a\n FROM t\nWHERE b')
})

test('a statement on one line stays as it is', () => {
  assert.equal(withoutMargin("SELECT a FROM t WHERE a = 'from where'"), "SELECT a FROM t WHERE a = 'from where'")
})
