import assert from 'node:assert/strict'
import { test } from 'node:test'
import { summaryOf } from './sql-names.ts'

test('names a statement after its operation and its table', () => {
  assert.equal(summaryOf('SELECT a, b FROM activities a JOIN users u ON true'), 'SELECT activities')
  assert.equal(
    summaryOf('WITH added AS (INSERT INTO likes (a) VALUES ($1)) UPDATE activities SET x = 1'),
    'INSERT likes',
  )
  assert.equal(
    summaryOf('WITH target AS (SELECT uuid FROM activities FOR NO KEY UPDATE), a AS (INSERT INTO likes (b) SELECT c)'),
    'INSERT likes',
  )
  assert.equal(
    summaryOf('WITH circle AS (SELECT $1) SELECT a FROM circle, LATERAL (SELECT FROM likes)'),
    'SELECT likes',
  )
  assert.equal(
    summaryOf('SELECT a, EXISTS (SELECT FROM likes l WHERE l.a = a) AS liked FROM activities a'),
    'SELECT activities',
  )
  assert.equal(
    summaryOf(
      'WITH w AS (SELECT 1) SELECT a, EXISTS (SELECT FROM likes) FROM (SELECT * FROM w) AS e JOIN activities a ON true',
    ),
    'SELECT activities',
  )
  assert.equal(summaryOf('SELECT a FROM circle CROSS JOIN LATERAL (SELECT FROM likes) l'), 'SELECT circle')
  assert.equal(summaryOf('DELETE FROM sessions WHERE token_hash = $1'), 'DELETE sessions')
  assert.equal(summaryOf('SELECT r.* FROM unnest($2::uuid[]) p, (SELECT 1 FROM activities) r'), 'SELECT activities')
  assert.equal(summaryOf('select 1'), 'SELECT')
  assert.equal(summaryOf('BEGIN;'), 'BEGIN')
})
