import pg from 'pg'
import { runningDatabase } from './database.mjs'
import { Refusal } from './refusal.mjs'

/** Runs `work` with a connection to the database that the product uses. */
export async function onDatabase(name, work) {
  const url = process.env.DATABASE_URL || runningDatabase()
  if (!url) throw new Refusal('No database is running: run npm start in another terminal, or set DATABASE_URL.')
  const client = new pg.Client({
    connectionString: url,
    application_name: `cruddur-${name}`,
    connectionTimeoutMillis: 5_000,
  })
  // A broken connection also rejects the query that is running.
  client.on('error', () => {})
  await client.connect().catch((error) => {
    throw new Refusal(`The database cannot be reached (${error.code ?? error.message}): check DATABASE_URL.`)
  })
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
