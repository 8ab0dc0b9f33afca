import { remembered } from '../remembered.ts'

const word = String.raw`(?:"[^"]+"|[a-z_][\w$]*)`
const table = String.raw`(?:ONLY\s+)?(${word}(?:\.${word})*)`
// Skips functions in FROM, LATERAL and DISTINCT FROM, which are not tables, and the UPDATE of a lock or a clause.
const change = new RegExp(
  String.raw`\b(?:(INSERT)\s+INTO|(DELETE)\s+FROM|(?<!\b(?:FOR|KEY|ON|OR|DO|THEN|AFTER|BEFORE|GRANT)\s+)(UPDATE))\s+${table}`,
  'i',
)
const source = new RegExp(String.raw`(?<!\bDISTINCT\s+)\b(?:FROM|JOIN)(?!\s+LATERAL\b|\s+\w+\s*\()\s+${table}`, 'gi')
const named = /\b(\w+)\s+AS\s+(?:NOT\s+)?(?:MATERIALIZED\s+)?\(/gi

const commentOrValue = /--[^\n]*|\/\*.*?\*\/|'(?:[^']|'')*'|\$((?:[a-z_]\w*)?)\$.*?\$\1\$/gis

/**
 * `WITH added AS (INSERT INTO likes …) UPDATE …` → `INSERT likes`, where the instrumentation says `WITH`.
 * Names the first change, or else the outermost table that is read.
 */
export const summaryOf = remembered((statement) => {
  const sql = statement.replace(commentOrValue, ' ')
  const changed = change.exec(sql)
  if (changed) return `${(changed[1] ?? changed[2] ?? changed[3])?.toUpperCase()} ${unquoted(changed[4])}`
  const own = new Set([...sql.matchAll(named)].map(([, name]) => name))
  const [read] = [...sql.matchAll(source)]
    .filter(([, name]) => !own.has(name))
    .map(({ 1: name, index }) => ({ name, depth: depthAt(sql, index) }))
    .sort((a, b) => a.depth - b.depth)
    .map(({ name }) => name)
  return read === undefined ? (sql.trim().split(/[\s;]/, 1)[0]?.toUpperCase() ?? '') : `SELECT ${unquoted(read)}`
})

const unquoted = (name = ''): string => name.replaceAll('"', '')

/** The number of parentheses around this place in the statement. */
const depthAt = (sql: string, index: number): number => {
  const before = sql.slice(0, index)
  return before.split('(').length - before.split(')').length
}
