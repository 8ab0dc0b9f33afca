// node --import recorder.ts …   explains each statement on a second connection, rolls that back, then lets the backend run it.
// The plans are written to RECORD_STATEMENTS_TO.
import { appendFileSync } from 'node:fs'
import { basename } from 'node:path'
import pg from 'pg'
import type { PlanNode, Seen } from './plans.ts'

const { RECORD_STATEMENTS_TO: file = '', DATABASE_URL: connectionString = '', RECORD_WITH: options } = process.env
const own = new pg.Client({ connectionString, application_name: 'cruddur-recorder', ...(options && { options }) })
const connected = own.connect()

/** The queries file and the function that sent the statement. */
const callerIn = (stack = ''): { file: string; name: string } | null => {
  for (const line of stack.split('\n')) {
    const [, name = '', path] = /at (?:async )?(?:(\S+) \()?(?:file:\/\/)?(\S+\.queries\.ts):\d+/.exec(line) ?? []
    if (path) return { file: basename(path), name }
  }
  return null
}

const explain = async (text: string, values: unknown[]): Promise<Seen['plan']> => {
  await connected
  await own.query('BEGIN')
  try {
    const { rows } = await own.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values)
    const [{ Plan, 'Execution Time': ms }] = rows[0]['QUERY PLAN'] as [{ Plan: PlanNode; 'Execution Time': number }]
    return { root: Plan, ms }
  } finally {
    await own.query('ROLLBACK')
  }
}

let turn = Promise.resolve()
type Asked = { text: string; values?: unknown[] }
const original = pg.Pool.prototype.query as (asked: unknown, ...rest: unknown[]) => Promise<unknown>
const recorded = async function (this: pg.Pool, asked: unknown, ...rest: unknown[]): Promise<unknown> {
  const caller = callerIn(new Error().stack)
  if (!caller) return original.call(this, asked, ...rest)
  const { text, values = [] } = asked as Asked
  const before = turn
  const done = Promise.withResolvers<void>()
  turn = done.promise
  try {
    await before
    const seen: Seen = { ...caller, text, parameters: values.length, plan: await explain(text, values) }
    appendFileSync(file, `${JSON.stringify(seen)}\n`)
    return await original.call(this, asked, ...rest)
  } finally {
    done.resolve()
  }
}
pg.Pool.prototype.query = recorded as unknown as typeof pg.Pool.prototype.query
