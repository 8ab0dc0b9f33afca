import pg from 'pg'

const migrationLock = 0x0c40dd
const patienceMs = 30_000

/** Safe when two backends start at once: the second waits, and then finds nothing to do. */
export const migrate = async (url: string): Promise<void> => {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'cruddur-migrations',
    connectionTimeoutMillis: 2_000,
    lock_timeout: patienceMs,
    query_timeout: 2 * patienceMs,
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
