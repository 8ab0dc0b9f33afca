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

test('names the whole table: with its schema, its digits, and without its quotes', () => {
  assert.equal(summaryOf('SELECT * FROM public.users'), 'SELECT public.users')
  assert.equal(summaryOf('select "u".* from "public"."Users" as "u" where "id" = $1'), 'SELECT public.Users')
  assert.equal(summaryOf('INSERT INTO "order items" ("id") VALUES ($1)'), 'INSERT order items')
  assert.equal(summaryOf('UPDATE ONLY orders_2026 SET a = 1'), 'UPDATE orders_2026')
  assert.equal(summaryOf('DELETE FROM oauth2_tokens'), 'DELETE oauth2_tokens')
})

test('reads neither comments nor values', () => {
  assert.equal(summaryOf("/* traceparent='00-1' */ -- FROM nowhere\n SELECT a FROM orders"), 'SELECT orders')
  assert.equal(summaryOf("SELECT 'it''s an update secrets' AS a FROM orders"), 'SELECT orders')
  assert.equal(summaryOf('SELECT $tag$ DELETE FROM secrets $tag$ AS a FROM orders'), 'SELECT orders')
})

test('takes no clause for a change or a table', () => {
  assert.equal(summaryOf('MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN UPDATE SET c = 1'), 'MERGE')
  assert.equal(summaryOf('CREATE TABLE a (b int REFERENCES c ON UPDATE CASCADE)'), 'CREATE')
  assert.equal(summaryOf('SELECT a IS DISTINCT FROM b FROM orders'), 'SELECT orders')
})
