// Usage: node with-database.mjs <script> — runs the script with a throw-away PostgreSQL in DATABASE_URL, unless there is one already.
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { startThrowAwayDatabase } from './database.mjs'

const database = process.env.DATABASE_URL ? null : await startThrowAwayDatabase()
if (database) process.env.DATABASE_URL = database.url
await import(pathToFileURL(resolve(process.argv[2])).href)
await database?.stop()
