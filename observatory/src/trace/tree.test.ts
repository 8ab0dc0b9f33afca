import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clickToSql, span } from '../testing/spans.ts'
import { rowsOf, treeOf } from './tree.ts'

const draw = (spans: Parameters<typeof treeOf>[0], collapsed: string[] = []) =>
  rowsOf(treeOf(spans), new Set(collapsed)).map((row) => `${'  '.repeat(row.depth)}${row.span.name}`)

const whole = ['click like', '  fetch', '    server', '      activity.like', '        sql']

test('spans make one tree from click to SQL, in whatever order they arrive', () => {
  assert.deepEqual(draw(clickToSql()), whole)
  assert.deepEqual(draw(clickToSql().reverse()), whole)
})

test('siblings stand in the order of their start, the one that ends first when they start together', () => {
  const spans = [
    span({ id: 'root' }),
    span({ id: 'late', parent: 'root', startMs: 5 }),
    span({ id: 'long', parent: 'root', startMs: 2, durationMs: 9 }),
    span({ id: 'short', parent: 'root', startMs: 2 }),
  ]
  assert.deepEqual(draw(spans), ['root', '  short', '  long', '  late'])
})

test('an orphan is shown as a root below the real ones, and marked', () => {
  const rows = rowsOf(treeOf([span({ id: 'orphan', parent: 'nobody' }), span({ id: 'root', startMs: 9 })]), new Set())
  assert.deepEqual(
    rows.map((row) => [row.span.name, row.depth, row.orphan]),
    [
      ['root', 0, false],
      ['orphan', 0, true],
    ],
  )
})

test('spans that are each other’s parents are all shown once', () => {
  const circle = [
    span({ id: 'a', parent: 'c', startMs: 1 }),
    span({ id: 'b', parent: 'a', startMs: 2 }),
    span({ id: 'c', parent: 'b', startMs: 3 }),
    span({ id: 'self', parent: 'self', startMs: 4 }),
  ]
  assert.deepEqual(draw(circle), ['a', '  b', '    c', 'self'])
})

test('a collapsed row hides what is below it and says how much that is', () => {
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

test('a chain of 10,000 spans does not exhaust the stack', () => {
  const chain = Array.from({ length: 10_000 }, (_, at) =>
    span({ id: at.toString(36), ...(at > 0 && { parent: (at - 1).toString(36) }) }),
  )
  assert.equal(rowsOf(treeOf(chain), new Set()).length, 10_000)
})
