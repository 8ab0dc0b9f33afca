import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { browserAttr } from '@cruddur/wire/names'
import { serviceName } from '../shared/src/service-name.ts'
import { attr } from '../shared/src/telemetry.ts'
import { sameQuery } from './same-query.mjs'

const read = (file) => JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'))
const files = readdirSync(new URL('queries/', import.meta.url))

// docs.honeycomb.io/api/query-specification; the lengths are those of docs.honeycomb.io/api/query-annotations.
const percentiles = ['P001', 'P01', 'P05', 'P10', 'P25', 'P50', 'P75', 'P90', 'P95', 'P99', 'P999']
const onNoColumn = ['COUNT', 'CONCURRENCY']
const onAColumn = [
  'SUM',
  'AVG',
  'COUNT_DISTINCT',
  'MAX',
  'MIN',
  'HEATMAP',
  'RATE_AVG',
  'RATE_SUM',
  'RATE_MAX',
  ...percentiles,
]
const withValue = [
  '=',
  '!=',
  '>',
  '>=',
  '<',
  '<=',
  'starts-with',
  'does-not-start-with',
  'contains',
  'does-not-contain',
  'in',
  'not-in',
]
const withoutValue = ['exists', 'does-not-exist']
const fields = [
  'time_range',
  'granularity',
  'breakdowns',
  'calculated_fields',
  'calculations',
  'filters',
  'filter_combination',
  'orders',
  'havings',
  'limit',
]
const ours = new Set([...Object.values(attr), ...Object.values(browserAttr)])
const derivedByHoneycomb = new Set([
  'trace.trace_id',
  'trace.parent_id',
  'name',
  'duration_ms',
  'span.kind',
  'service.name',
])

for (const file of files) {
  describe(`honeycomb/queries/${file}`, () => {
    const { name, description, dataset, query } = read(`queries/${file}`)
    const defined = (query.calculated_fields ?? []).map((field) => field.name)
    const columns = [
      ...(query.breakdowns ?? []),
      ...query.calculations.map(({ column }) => column),
      ...query.filters.map(({ column }) => column),
    ].filter((column) => column && !defined.includes(column))

    test('has a name and a description that Honeycomb takes', () => {
      assert.ok(name.length >= 1 && name.length <= 80)
      assert.ok(description.length >= 1 && description.length <= 280, `${description.length} characters`)
    })

    test('asks a dataset that one of our services fills', () => {
      assert.ok([...Object.values(serviceName), '__all__'].includes(dataset), dataset)
    })

    test('asks only for columns that the code sets or Honeycomb derives', () => {
      for (const column of columns) assert.ok(ours.has(column) || derivedByHoneycomb.has(column), column)
    })

    test('follows the query specification', () => {
      for (const field of Object.keys(query)) assert.ok(fields.includes(field), field)
      for (const { op, column } of query.calculations)
        assert.ok(column ? onAColumn.includes(op) : onNoColumn.includes(op), op)
      for (const { op, value } of query.filters)
        assert.ok(value === undefined ? withoutValue.includes(op) : withValue.includes(op), op)
      for (const { op, column, order } of query.orders) {
        assert.ok(['ascending', 'descending'].includes(order))
        const asked = query.calculations.some((calculation) => calculation.op === op && calculation.column === column)
        assert.ok(
          asked || (!op && query.breakdowns.includes(column)),
          `ordered by a value that it does not ask for: ${op} ${column}`,
        )
      }
      assert.ok(query.limit >= 1 && query.limit <= 1000)
      assert.ok(Number.isInteger(query.time_range) && query.time_range > 0)
    })
  })
}

test('the two queries of the original are there under their names', () => {
  const names = files.map((file) => read(`queries/${file}`).name)
  assert.ok(names.includes('Latency by user id'))
  assert.ok(names.includes('Recent traces'))
})

test('the board shows every query once, and no panels overlap', () => {
  const { panels } = read('board.json')
  assert.deepEqual(panels.map(({ query }) => `${query}.json`).sort(), files.sort())
  const cells = new Set()
  for (const { position } of panels) {
    assert.ok(position.x_coordinate + position.width <= 12)
    for (let x = position.x_coordinate; x < position.x_coordinate + position.width; x++)
      for (let y = position.y_coordinate; y < position.y_coordinate + position.height; y++) {
        assert.ok(!cells.has(`${x},${y}`))
        cells.add(`${x},${y}`)
      }
  }
})

describe('sameQuery', () => {
  const query = read('queries/latency-by-user-id.json').query

  test('ignores what Honeycomb leaves out or moves', () => {
    const answered = {
      ...query,
      id: 'x',
      filters: [...query.filters].reverse(),
      havings: null,
      filter_combination: 'AND',
      granularity: 0,
    }
    assert.ok(sameQuery(answered, query))
    const ascending = { ...query, orders: [{ op: 'COUNT', order: 'ascending' }] }
    assert.ok(sameQuery({ ...query, orders: [{ op: 'COUNT' }] }, ascending))
  })

  test('notices another filter, order of calculations, limit or having', () => {
    const others = [
      { filters: query.filters.slice(1) },
      { filter_combination: 'OR' },
      { calculations: [...query.calculations].reverse() },
      { limit: 7 },
      { havings: [{ calculate_op: 'COUNT', op: '>', value: 3 }] },
      { orders: query.orders.map((order) => ({ ...order, order: 'ascending' })) },
    ]
    for (const other of others) assert.ok(!sameQuery({ ...query, ...other }, query), JSON.stringify(other))
  })
})
