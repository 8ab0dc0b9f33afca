import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'

const dropTimeoutMs = 5_000
const attempts = 3
const cancelled = '57014'
const notPermitted = '42501'
const pauseMs = 200

/** Creates an empty database on the server of `serverUrl`. `drop()` removes it. */
export async function createScratchDatabase(serverUrl) {
  const name = `scratch_${randomBytes(6).toString('hex')}`
  await onServer(serverUrl, `CREATE DATABASE ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => drop(serverUrl, name) }
}

// PostgreSQL 15 to 18 may wait here forever for a process that started just after all others were told to disconnect.
// The next attempt tells this process, too. While a process starts it has no role, and nobody is permitted to end it.
async function drop(serverUrl, name, left = attempts - 1) {
  try {
    await onServer(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`, dropTimeoutMs)
  } catch (error) {
    if (![cancelled, notPermitted].includes(error.code) || left === 0) throw error
    await setTimeout(pauseMs)
    await drop(serverUrl, name, left - 1)
  }
}

/** In seconds and milliseconds: longer than a busy machine may pause. */
const testTimeouts = { connect_timeout: 60, query_timeout: 60_000, statement_timeout: 60_000, lock_timeout: 60_000 }

/** The same database, without the product's short timeouts. */
export function withTestTimeouts(url) {
  const address = new URL(url)
  for (const [name, time] of Object.entries(testTimeouts)) address.searchParams.set(name, String(time))
  return address.href
}

/** The same database, with the product's own timeouts. A pause of the machine can reach them, so tests of them try again. */
export function withProductTimeouts(url) {
  const address = new URL(url)
  for (const name of Object.keys(testTimeouts)) address.searchParams.delete(name)
  return address.href
}

async function onServer(connectionString, sql, statement_timeout = 0) {
  const client = new pg.Client({ connectionString, statement_timeout })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
