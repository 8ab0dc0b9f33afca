import { randomBytes } from 'node:crypto'
import pg from 'pg'

/** A database of the test's own on the server that the test runner started or was given. */
export const createDatabase = async (): Promise<{ url: string; drop: () => Promise<void> }> => {
  const serverUrl = process.env.DATABASE_URL
  if (!serverUrl) throw new Error('DATABASE_URL is missing: run the tests through `npm test`, which starts a database.')
  const name = `cruddur_e2e_${randomBytes(4).toString('hex')}`
  await runOn(serverUrl, `CREATE DATABASE ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => runOn(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) }
}

export const runOn = async (url: string, sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(sql).finally(() => client.end())
}
