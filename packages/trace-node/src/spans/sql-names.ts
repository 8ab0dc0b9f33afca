import { remembered } from '../remembered.ts'

// Skips functions in FROM and LATERAL, which are not tables, and FOR UPDATE, which is not a change.
const change = /\b(?:(INSERT)\s+INTO|(DELETE)\s+FROM|(?<!\bFOR\s+|\bKEY\s+)(UPDATE))\s+([a-z_]+)/i
const source = /\b(?:FROM|JOIN)(?!\s+LATERAL\b|\s+\w+\s*\()\s+([a-z_]+)/gi
const named = /\b(\w+)\s+AS\s+(?:NOT\s+)?(?:MATERIALIZED\s+)?\(/gi

/**
 * `WITH added AS (INSERT INTO likes …) UPDATE …` → `INSERT likes`, where the instrumentation says `WITH`.
 * Names the first change, or else the outermost table that is read.
 */
export const summaryOf = remembered((sql) => {
  const changed = change.exec(sql)
  if (changed) return `${(changed[1] ?? changed[2] ?? changed[3])?.toUpperCase()} ${changed[4]}`
  const own = new Set([...sql.matchAll(named)].map(([, name]) => name))
  const [table] = [...sql.matchAll(source)]
    .filter(([, name]) => !own.has(name))
    .map(({ 1: name, index }) => ({ name, depth: depthAt(sql, index) }))
    .sort((a, b) => a.depth - b.depth)
    .map(({ name }) => name)
  return table === undefined ? (sql.trim().split(/[\s;]/, 1)[0]?.toUpperCase() ?? '') : `SELECT ${table}`
})

/** The number of parentheses around this place in the statement. */
const depthAt = (sql: string, index: number): number => {
  const before = sql.slice(0, index)
  return before.split('(').length - before.split(')').length
}
