import pg from 'pg'

const migrationLock = 0x0c40dd
const lockPatienceMs = 30_000
/** What rewrites a great table takes minutes (a million cruds: half of one): given up, it would begin anew, for ever. */
const patienceMs = 30 * 60_000

/** Safe when two backends start at once: the second waits, and then finds nothing to do. */
export const migrate = async (url: string): Promise<void> => {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'cruddur-migrations',
    connectionTimeoutMillis: 2_000,
    lock_timeout: lockPatienceMs,
    query_timeout: patienceMs,
    // A database that is gone in the middle of it is noticed within half a minute all the same.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  })
  client.on('error', () => {})
  await client.connect()
  try {
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
  }
}
