import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'

const migrationLock = 0x0c40dd
const lockPatienceMs = 30_000
const connection = { application_name: 'cruddur-migrations', connectionTimeoutMillis: 2_000, keepAlive: true }
const lookEveryMs = 2_000
const mostDoubts = 3

/** Safe when two backends start at once: the second waits, and then finds nothing to do. */
export const migrate = async (url: string, stop?: AbortSignal): Promise<void> => {
  const client = new pg.Client({ ...connection, connectionString: url, lock_timeout: lockPatienceMs })
  client.on('error', () => {})
  await client.connect()
  const over = new AbortController()
  const giveUp = () => client.connection.stream.destroy()
  stop?.addEventListener('abort', giveUp)
  // A great table takes minutes (a million cruds: half of one), so no statement has a limit of time: it is watched instead.
  void isLost(client, url, over.signal).then((lost) => lost && giveUp())
  try {
    if (stop?.aborted) giveUp()
    await client.query('SELECT pg_advisory_lock($1)', [migrationLock])
    // Only a start needs it, and it brings a compiler along.
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
    over.abort()
    stop?.removeEventListener('abort', giveUp)
  }
}

/** Fulfilled with true when the server does not work any more on what it was asked: a connection whose other end vanished says nothing by itself. */
const isLost = async (client: pg.Client, url: string, over: AbortSignal): Promise<boolean> => {
  const asked = client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid').catch(() => null)
  try {
    for (let doubts = 0; doubts < mostDoubts; ) {
      await delay(lookEveryMs, undefined, { signal: over, ref: false })
      const answer = await Promise.race([asked, null])
      doubts = answer?.rows[0] && (await isAtWork(answer.rows[0].pid, url)) ? 0 : doubts + 1
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
    // Who says so, that there are too many connections for example, is there.
    return error instanceof pg.DatabaseError
  } finally {
    void client.end().catch(() => {})
  }
}
