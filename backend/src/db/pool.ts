import pg from 'pg'
import { AppError, unavailable } from '../errors.ts'
import { currentTraceparent, log } from '../telemetry/index.ts'
import { cause } from './announce.ts'

// By default pg has no timeouts at all. DATABASE_URL can set other ones: `?connect_timeout=10&statement_timeout=5000`.
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
  const settings = { ...limits, ...options, ...connectTimeoutIn(url) }
  const created = new pg.Pool({ connectionString: url, application_name: 'cruddur-backend', ...settings })
  // Without these listeners a broken connection would end the process. Its query fails anyway.
  created.on('error', () => {})
  created.on('connect', (client) => client.on('error', () => {}))
  return created
}

/** In seconds, as in PostgreSQL's own clients. pg reads every other setting of the address. */
const connectTimeoutIn = (url: string): pg.PoolConfig => {
  const seconds = new URLSearchParams(url.split('?')[1]).get('connect_timeout')
  return seconds ? { connectionTimeoutMillis: Number(seconds) * 1_000 } : {}
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

/** How many queries wait for a connection. */
export const queriesWaiting = (): number => pool?.waitingCount ?? 0

type Query = <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>

export const query: Query = (text, values) => withPool((pool) => rowsOf(pool, text, values))

/** Runs `work` in a transaction. Each statement may take `statementTimeoutMs`, longer than usual. */
export const inTransaction = <Result>(
  statementTimeoutMs: number,
  work: (query: Query) => Promise<Result>,
): Promise<Result> =>
  withPool(async (pool) => {
    const client = await pool.connect()
    let failure: Error | undefined
    try {
      await client.query('BEGIN')
      await client.query(`SET LOCAL statement_timeout = ${statementTimeoutMs}`)
      const result = await work((text, values) =>
        rowsOf(client, text, values, { query_timeout: statementTimeoutMs + 1_000 }),
      )
      await client.query('COMMIT')
      return result
    } catch (error) {
      failure = error as Error
      throw error
    } finally {
      // A failed transaction closes its connection, which rolls it back.
      client.release(failure)
    }
  })

const withPool = async <Result>(ask: (pool: pg.Pool) => Promise<Result>): Promise<Result> => {
  if (!pool) throw unavailable()
  try {
    return await ask(pool)
  } catch (error) {
    if (isDiskFull(error)) noteDiskFull()
    throw isOutage(error) ? unavailable(error) : error
  }
}

const rowsOf = async <Row extends pg.QueryResultRow>(
  on: pg.Pool | pg.PoolClient,
  text: string,
  values: unknown[] = [],
  timeout: { query_timeout?: number } = {},
): Promise<Row[]> => {
  const [sql, given] = withCause(text, values)
  const { rows } = await on.query<Row>({ text: sql, values: given, ...timeout })
  return rows
}

const withCause = (text: string, values: unknown[]): [string, unknown[]] =>
  text.includes(cause)
    ? [text.replaceAll(cause, () => `$${values.length + 1}`), [...values, currentTraceparent()]]
    : [text, values]

// 08: connection; 53: resources; 57: shutdown, statement timeout; 55P03: lock timeout; 40P01: deadlock; 58030: I/O.
const outageStates = /^(08|53|57|58030|55P03|40P01)/

/** SQLSTATE tells the errors of the server apart. Any other error of the driver is a failed connection. */
const isOutage = (error: unknown): boolean =>
  error instanceof pg.DatabaseError ? outageStates.test(error.code ?? '') : error instanceof Error && !isBug(error)

/** The statement took longer than `statement_timeout`. */
export const isStatementTimeout = (error: unknown): boolean =>
  error instanceof AppError && error.cause instanceof pg.DatabaseError && error.cause.code === '57014'

// Usually the code is 53100. It is 58030 when PostgreSQL has only the operating system's message.
const isDiskFull = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && (error.code === '53100' || /No space left on device/.test(error.message))

const diskFullForMs = 60_000
let diskFullAt = Number.NEGATIVE_INFINITY

const noteDiskFull = () => {
  if (!wasDiskFull()) log.error('the disk of the database is full, so nothing can be written')
  diskFullAt = performance.now()
}

/** Whether a write failed within the last minute because the disk was full. */
export const wasDiskFull = (): boolean => performance.now() - diskFullAt < diskFullForMs

const isBug = (error: Error): boolean => error instanceof TypeError || error instanceof RangeError
