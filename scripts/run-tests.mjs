// Usage, in a workspace: node ../scripts/run-tests.mjs [--serial] [--database] [--within s] 'src/**/*.test.ts' …
//   --serial     one file at a time
//   --database   a throw-away PostgreSQL in DATABASE_URL, unless there is one already
//   --within     how many seconds a file may take
import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    serial: { type: 'boolean', default: false },
    database: { type: 'boolean', default: false },
    within: { type: 'string', default: '300' },
  },
})
const fileTimeoutMs = Number(values.within) * 1_000
/** To tell by itself what it has not done in time. */
const goodbyeMs = 2_000

const counts = { passed: 0, failed: 0, skipped: 0 }
const database = values.database && !process.env.DATABASE_URL ? await throwAwayDatabase() : null
const globs = positionals.length > 0 ? positionals : ['**/*.test.{ts,mjs}']

const events = run({
  globPatterns: globs,
  concurrency: !values.serial,
  timeout: fileTimeoutMs,
  execArgv: ['strict-console.mjs', `end-in-time.mjs?ms=${fileTimeoutMs + goodbyeMs}`].flatMap((module) => [
    '--import',
    new URL(module, import.meta.url).href,
  ]),
})
events.on('test:pass', count).on('test:fail', count)
events.compose(new spec()).pipe(process.stdout)
for await (const _ of events);
await database?.stop()

if (counts.passed + counts.failed + counts.skipped === 0) complain(`no test in ${globs.join(' ')}`)
if (process.env.TEST_COUNTS_FILE) writeFileSync(process.env.TEST_COUNTS_FILE, JSON.stringify(counts))
process.exitCode = counts.failed > 0 ? 1 : 0

function count({ name, details, entryFile, file, skip, todo }) {
  if (details.type === 'suite') return
  // The runner's own entry about a file: a failure of its process, or, when it passed, a file without a test.
  if (!entryFile) return details.error ? counts.failed++ : complain(`no test in ${relative('.', file ?? name)}`)
  if (skip !== undefined || todo !== undefined) counts.skipped++
  else if (details.error) counts.failed++
  else counts.passed++
}

function complain(words) {
  counts.failed++
  process.stderr.write(`✖ ${words}\n`)
}

async function throwAwayDatabase() {
  const { startThrowAwayDatabase } = await import('./database.mjs')
  const started = await startThrowAwayDatabase()
  process.env.DATABASE_URL = started.url
  return started
}
