// Usage: node scripts/run-tests.mjs [options] 'backend/src/**/*.test.ts' …
//   --database   a throw-away PostgreSQL in DATABASE_URL, unless there is one already
//   --pure       only files that need neither a database nor a browser
//   --jobs n     how many files run side by side (default: 1)
//   --shard i/n  the i-th of n parts of the files
//   --serial     the same as --jobs 1
//   --within s   how many seconds a file may take
//   --again n    up to n files that failed run once more, alone, when the others have ended (default: 0)
// Each file runs in the folder of its package.json. A file that says `// Runs alone: <why>` runs when the others have ended.
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { parseArgs } from 'node:util'
import { report } from './test-report.mjs'

const repository = resolve(import.meta.dirname, '..')
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    database: { type: 'boolean', default: false },
    pure: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '1' },
    serial: { type: 'boolean', default: false },
    shard: { type: 'string', default: '1/1' },
    within: { type: 'string', default: '600' },
    again: { type: 'string', default: '0' },
  },
})
const fileTimeoutMs = Number(values.within) * 1_000
/** Time for the file to say what it waits for. */
const goodbyeMs = 2_000
const globs = positionals.length > 0 ? positionals : ['**/*.test.{ts,tsx,mjs}']
const [shard, shards] = values.shard.split('/').map(Number)
const jobs = values.serial ? 1 : Number(values.jobs)

// Without it every file, and every process that a file starts, compiles the same modules again.
process.env.NODE_COMPILE_CACHE ||= join(repository, '.data/compile-cache')

const files = findFiles()
const database = values.database && !process.env.DATABASE_URL ? await throwAwayDatabase() : null
const results = await runAll()
await database?.stop()

if (process.env.TEST_RESULTS_FILE) writeFileSync(process.env.TEST_RESULTS_FILE, JSON.stringify(results))
else report(results)
if (results.some(({ failed }) => failed > 0)) process.exitCode = 1

/** Files of e2e come first, because they take the longest. Longer files come before shorter ones. */
function findFiles() {
  const paths = new Set(globs.flatMap((glob) => globSync(glob, { exclude: ['**/node_modules/**'] })))
  return [...paths]
    .map((path) => {
      const source = readFileSync(path, 'utf8')
      return {
        path: resolve(path),
        length: source.length,
        isEndToEnd: /\be2e\b/.test(resolve(path)),
        isPure: !/[dD]atabase|playwright|Backend\(/.test(source),
        runsAlone: /^\/\/ Runs alone: ./m.test(source),
      }
    })
    .filter(({ isPure, isEndToEnd }) => !values.pure || (isPure && !isEndToEnd))
    .sort((a, b) => Number(b.isEndToEnd) - Number(a.isEndToEnd) || b.length - a.length)
    .filter((_, at) => at % shards === shard - 1)
}

async function runAll() {
  const results = globs
    .filter((glob) => globSync(glob).length === 0)
    .map((glob) => ({ ...emptyResult(glob), failed: 1, failures: [complain(`no test in ${glob}`)] }))
  const queue = files.filter(({ runsAlone }) => !runsAlone)
  // A file of e2e waits more than it works: every second worker takes files from the other end, to keep the cores busy.
  const work = async (next) => {
    for (let file = next(); file; file = next()) results.push(await runFile(file.path))
  }
  await Promise.all(Array.from({ length: jobs }, (_, at) => work(() => (at % 2 === 1 ? queue.pop() : queue.shift()))))
  for (const { path } of files.filter(({ runsAlone }) => runsAlone)) results.push(await runFile(path))
  return runFailedAgain(results)
}

/** A machine that pauses for seconds fails a test of a browser now and then. A defect fails its test twice, or fails more files. */
async function runFailedAgain(results) {
  const failed = results.filter(({ failed }) => failed > 0)
  if (failed.length > Number(values.again)) return results
  for (const first of failed) {
    process.stdout.write(`\n${first.file} failed and runs once more, alone.\n`)
    const second = await runFile(resolve(repository, first.file))
    results[results.indexOf(first)] = {
      ...second,
      failedBefore: first.failures,
      seconds: first.seconds + second.seconds,
    }
  }
  return results
}

async function runFile(path) {
  const result = emptyResult(relative(repository, path))
  const startedAt = performance.now()
  const events = run({
    files: [path],
    cwd: packageOf(path),
    timeout: fileTimeoutMs,
    execArgv: ['strict-console.mjs', `end-in-time.mjs?ms=${fileTimeoutMs + goodbyeMs}`].flatMap((module) => [
      '--import',
      new URL(module, import.meta.url).href,
    ]),
  })
  events.on('test:pass', (event) => count(result, event)).on('test:fail', (event) => count(result, event))
  const output = events.compose(withoutTotals).compose(new spec())
  // The lines of files that run side by side would mix.
  const lines = files.length > 1 ? await text(output) : await pipeline(output, process.stdout, { end: false })
  result.seconds = (performance.now() - startedAt) / 1_000
  if (lines) process.stdout.write(`\n── ${result.file} ── ${result.seconds.toFixed(1)} s\n${lines}`)
  return result
}

function emptyResult(file) {
  return { file, passed: 0, failed: 0, skipped: 0, seconds: 0, failures: [] }
}

function count(result, { name, details, entryFile, file, skip, todo }) {
  if (details.type === 'suite') return
  // The runner's own entry about a file: a failure of its process, or, when it passed, a file without a test.
  const isOfFile = !entryFile
  if (isOfFile && !details.error) result.failures.push(complain(`no test in ${relative('.', file ?? name)}`))
  else if (details.error) result.failures.push(name)
  else if (skip !== undefined || todo !== undefined) result.skipped++
  else result.passed++
  result.failed = result.failures.length
}

function complain(words) {
  process.stderr.write(`✖ ${words}\n`)
  return words
}

async function* withoutTotals(events) {
  for await (const event of events) if (event.type !== 'test:diagnostic' || event.data.file) yield event
}

function packageOf(path) {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, 'package.json'))) return folder
  return process.cwd()
}

async function throwAwayDatabase() {
  const { startThrowAwayDatabase } = await import('./database.mjs')
  const started = await startThrowAwayDatabase()
  process.env.DATABASE_URL = started.url
  return started
}
