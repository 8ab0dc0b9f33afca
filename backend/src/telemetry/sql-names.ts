// A function in FROM is no table: what is looked for comes after it.
const statement = /\b(?:(INSERT)\s+INTO|(DELETE)\s+FROM|(UPDATE)|FROM(?!\s+\w+\s*\())\s+([a-z_]+)/i

/** `WITH added AS (INSERT INTO likes …) UPDATE …` → `INSERT likes`: what the instrumentation would call `WITH`. */
export const summaryOf = (sql: string): string => {
  const match = statement.exec(sql)
  if (!match) return sql.trim().split(/[\s;]/, 1)[0]?.toUpperCase() ?? ''
  const [, insert, remove, update, table] = match
  return `${(insert ?? remove ?? update ?? 'SELECT').toUpperCase()} ${table}`
}
