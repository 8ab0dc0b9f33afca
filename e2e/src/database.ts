import pg from 'pg'
import { createScratchDatabase } from '../../scripts/scratch-database.mjs'

/** A new database on the test runner's server. */
export const createDatabase = async (): ReturnType<typeof createScratchDatabase> => {
  const serverUrl = process.env.DATABASE_URL
  if (!serverUrl) throw new Error('DATABASE_URL is missing: run the tests through `npm test`, which starts a database.')
  return createScratchDatabase(serverUrl)
}

export const runOn = async <Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query<Row>(sql).finally(() => client.end())
  return rows
}
