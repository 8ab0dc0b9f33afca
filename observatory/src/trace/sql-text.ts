const clause =
  /^(with|select|from|where|(left |right |inner |full |cross )?(outer )?join|group by|having|order by|limit|offset|union( all)?|insert into|values|on conflict|update|set|delete from|returning)\b/i

/** `do update set` and `for update` are no clauses of their own. */
const joined = /\b(do|for|update)\s+$/i

/** A statement on one line gets a line for each clause; one that its author has laid out keeps its shape without the margin. */
export const layOutSql = (sql: string): string => {
  const text = sql.trim()
  return text.includes('\n') ? withoutMargin(sql) : breakClauses(text)
}

const withoutMargin = (sql: string): string => {
  const lines = sql
    .replace(/^\s*\n/, '')
    .trimEnd()
    .split('\n')
  const margins = lines.slice(lines[0]?.startsWith(' ') ? 0 : 1).filter((line) => line.trim() !== '')
  const margin = Math.min(...margins.map((line) => line.length - line.trimStart().length))
  return lines.map((line) => (/^\s*$/.test(line.slice(0, margin)) ? line.slice(margin) : line)).join('\n')
}

const breakClauses = (sql: string): string => {
  let out = ''
  let depth = 0
  for (let at = 0; at < sql.length; ) {
    const quoted = /^('(?:[^']|'')*'?|"[^"]*"?)/.exec(sql.slice(at))?.[0]
    const word = quoted ?? /^[\w$]+/.exec(sql.slice(at))?.[0] ?? sql.charAt(at)
    if (word === '(') depth++
    if (word === ')') depth--
    if (!quoted && depth === 0 && out.endsWith(' ') && !joined.test(out.slice(-8)) && clause.test(sql.slice(at))) {
      const whole = clause.exec(sql.slice(at))?.[0] ?? word
      out = `${out.trimEnd()}\n${whole}`
      at += whole.length
      continue
    }
    out += word
    at += word.length
  }
  return out
}
