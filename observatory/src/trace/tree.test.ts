import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clickToSql, span } from '../testing/spans.ts'
import { rowsOf, treeOf } from './tree.ts'

const draw = (spans: Parameters<typeof treeOf>[0], collapsed: string[] = []) =>
  rowsOf(treeOf(spans), new Set(collapsed)).map((row) => `${'  '.repeat(row.depth)}${row.span.name}`)

const whole = ['click like', '  fetch', '    server', '      activity.like', '        sql']

test('spans make one tree from click to SQL, in any order', () => {
  assert.deepEqual(draw(clickToSql()), whole)
  assert.deepEqual(draw(clickToSql().reverse()), whole)
})

test('siblings are ordered by start, then by end', () => {
  const spans = [
    span({ id: 'root' }),
    span({ id: 'late', parent: 'root', startMs: 5 }),
    span({ id: 'long', parent: 'root', startMs: 2, durationMs: 9 }),
    span({ id: 'short', parent: 'root', startMs: 2 }),
  ]
  assert.deepEqual(draw(spans), ['root', '  short', '  long', '  late'])
})

test('an orphan is a marked root below the real ones', () => {
  const rows = rowsOf(treeOf([span({ id: 'orphan', parent: 'missing' }), span({ id: 'root', startMs: 9 })]), new Set())
  assert.deepEqual(
    rows.map((row) => [row.span.name, row.depth, row.orphan]),
    [
      ['root', 0, false],
      ['orphan', 0, true],
    ],
  )
})

test('a collapsed row hides its descendants and counts them', () => {
  const spans = clickToSql()
  const rows = rowsOf(treeOf(spans), new Set([spans[1]?.spanId as string]))
  assert.deepEqual(
    rows.map((row) => [row.span.name, row.expanded, row.descendants]),
    [
      ['click like', true, 4],
      ['fetch', false, 3],
    ],
  )
})
