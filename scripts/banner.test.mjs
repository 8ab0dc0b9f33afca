import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { banner } from './banner.mjs'

const signal = { signal: 'traces', destination: 'Honeycomb', because: 'HONEYCOMB_API_KEY is set' }
const lineOf = (databaseUrl) => {
  const settings = {
    frontendUrl: 'http://localhost:3000',
    backendUrl: 'http://localhost:4567',
    signals: [signal],
    databaseUrl,
  }
  const text = stripVTControlCharacters(banner({ settings, database: null }))
  return text
    .split('\n')
    .find((line) => line.includes('Database'))
    ?.trim()
}

test('the banner names the database without its password, and takes an address without a host', () => {
  assert.equal(
    lineOf('postgres://worf:secret@db.example:5433/cruddur'),
    'Database  db.example:5433/cruddur (DATABASE_URL)',
  )
  assert.equal(lineOf('postgres://worf:secret@/cruddur?host=/run/postgresql'), 'Database  DATABASE_URL')
})
