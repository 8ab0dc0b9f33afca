import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'

const migrationLock = 0x0c40dd
const lockTimeoutMs = 30_000
const connection = { application_name: 'cruddur-migrations', connectionTimeoutMillis: 2_000, keepAlive: true }
const checkIntervalMs = 2_000
const failedChecksMax = 3

/** When two backends start at once, the second one waits for the first and then has nothing to do. */
export const migrate = async (url: string, stop?: AbortSignal): Promise<void> => {
  const client = new pg.Client({ ...connection, connectionString: url, lock_timeout: lockTimeoutMs })
  client.on('error', () => {})
  await client.connect()
  const done = new AbortController()
  const giveUp = () => client.connection.stream.destroy()
  stop?.addEventListener('abort', giveUp)
  // A migration of a large table takes minutes, so no statement has a timeout. The connection is watched instead.
  void isLost(client, url, done.signal).then((lost) => lost && giveUp())
  try {
    if (stop?.aborted) giveUp()
    await client.query('SELECT pg_advisory_lock($1)', [migrationLock])
    // Imported here because only a start needs it, and it loads a TypeScript compiler.
    const { runner } = await import('node-pg-migrate')
    await runner({
      dbClient: client,
      dir: `${import.meta.dirname}/migrations`,
      direction: 'up',
      migrationsTable: 'migrations',
      noLock: true,
      singleTransaction: true,
      log: () => {},
    })
  } finally {
    await client.end()
    done.abort()
    stop?.removeEventListener('abort', giveUp)
  }
}

/** Resolves to true when the server no longer works on this connection. The connection itself would not notice. */
const isLost = async (client: pg.Client, url: string, done: AbortSignal): Promise<boolean> => {
  const backend = client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid').catch(() => null)
  try {
    for (let failedChecks = 0; failedChecks < failedChecksMax; ) {
      await delay(checkIntervalMs, undefined, { signal: done, ref: false })
      const answer = await Promise.race([backend, null])
      failedChecks = answer?.rows[0] && (await isAtWork(answer.rows[0].pid, url)) ? 0 : failedChecks + 1
    }
    return true
  } catch {
    return false
  }
}

const isAtWork = async (pid: number, url: string): Promise<boolean> => {
  const client = new pg.Client({ ...connection, connectionString: url, query_timeout: 2_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rowCount } = await client.query(
      `SELECT FROM pg_stat_activity WHERE pid = $1 AND (state NOT LIKE 'idle%' OR state_change > now() - interval '2 seconds')`,
      [pid],
    )
    return rowCount === 1
  } catch (error) {
    // A server that refuses the connection is alive.
    return error instanceof pg.DatabaseError
  } finally {
    void client.end().catch(() => {})
  }
}
