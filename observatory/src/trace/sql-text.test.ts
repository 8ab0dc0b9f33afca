import assert from 'node:assert/strict'
import { test } from 'node:test'
import { layOutSql } from './sql-text.ts'

test('a statement on one line gets a line for each clause', () => {
  assert.equal(
    layOutSql(
      "SELECT a FROM t LEFT JOIN u ON u.id = t.id WHERE a = 'from where' AND b IN (SELECT 1 FROM v) ORDER BY a LIMIT $1",
    ),
    "SELECT a\nFROM t\nLEFT JOIN u ON u.id = t.id\nWHERE a = 'from where' AND b IN (SELECT 1 FROM v)\nORDER BY a\nLIMIT $1",
  )
})

test('an upsert keeps its do update set together', () => {
  assert.equal(
    layOutSql('INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET a = $1 RETURNING a'),
    'INSERT INTO t (a)\nVALUES ($1)\nON CONFLICT (a) DO UPDATE SET a = $1\nRETURNING a',
  )
})

test('what its author laid out only loses its margin', () => {
  assert.equal(layOutSql('\n    SELECT a\n      FROM t\n    '), 'SELECT a\n  FROM t')
  assert.equal(layOutSql('SELECT a\n      FROM t\n     WHERE b'), 'SELECT a\n FROM t\nWHERE b')
})

test('a quote that never ends does not lose a character', () => {
  assert.equal(layOutSql("SELECT 'abc FROM t"), "SELECT 'abc FROM t")
})
