import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { startThrowAwayDatabase } from './database.mjs'
import { showHelp } from './help.cjs'
import { refuse } from './refusal.mjs'

/** node with-database.mjs <script> [arguments]: the script finds a throw-away PostgreSQL in DATABASE_URL, unless one is set. */
const script = resolve(process.argv[2])
process.argv.splice(1, 2, script)
if (!showHelp(script)) {
  const database = process.env.DATABASE_URL ? null : await startThrowAwayDatabase()
  if (database) process.env.DATABASE_URL = database.url
  await import(pathToFileURL(script).href).catch(refuse)
  await database?.stop()
}
