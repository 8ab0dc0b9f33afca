import pg from 'pg'
import { unavailable } from '../errors.ts'
import { currentTraceparent } from '../telemetry/index.ts'
import { cause } from './announce.ts'

// Nothing here waits for ever: pg's own defaults are "no timeout" for all of these.
const limits = {
  connectionTimeoutMillis: 1_000,
  statement_timeout: 3_000,
  lock_timeout: 2_000,
  idle_in_transaction_session_timeout: 5_000,
  query_timeout: 4_000,
  keepAlive: true,
}

let pool: pg.Pool | undefined

export const createPool = (url: string, options: pg.PoolConfig = {}): pg.Pool => {
  const created = new pg.Pool({ connectionString: url, application_name: 'cruddur-backend', ...limits, ...options })
  // An idle connection that breaks is replaced by the next query; without a listener it would end the process.
  created.on('error', () => {})
  return created
}

export const openPool = (url: string): void => {
  void pool?.end()
  pool = createPool(url)
}

export const closePool = async (): Promise<void> => {
  const closing = pool
  pool = undefined
  await closing?.end()
}

export const query = async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> => {
  if (!pool) throw unavailable()
  try {
    const { rows } = await pool.query<Row>(...withCause(text, values))
    return rows
  } catch (error) {
    throw isOutage(error) ? unavailable(error) : error
  }
}

const withCause = (text: string, values: unknown[]): [string, unknown[]] =>
  text.includes(cause)
    ? [text.replaceAll(cause, () => `$${values.length + 1}`), [...values, currentTraceparent()]]
    : [text, values]

// 08 connection, 53 resources, 57 operator intervention (shutdown, statement timeout), 55P03 lock timeout.
const outageStates = /^(08|53|57|55P03)/

/** The server's own refusals are told apart by SQLSTATE; whatever else the driver throws is a connection that failed. */
const isOutage = (error: unknown): boolean =>
  error instanceof pg.DatabaseError ? outageStates.test(error.code ?? '') : error instanceof Error && !isBug(error)

const isBug = (error: Error): boolean => error instanceof TypeError || error instanceof RangeError
