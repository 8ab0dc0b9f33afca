// npm test [-- [--shard i/n] suite …]    runs all checks and tests; --shard runs the i-th of n parts of the files
// npm run test:unit [-- suite …]         runs only the tests that need neither a database nor a browser
// A suite is `check` or a folder that has tests.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from './build.mjs'
import { findChromium } from './chromium.mjs'
import { startThrowAwayDatabase } from './database.mjs'
import { Refusal } from './refusal.mjs'
import { report } from './test-report.mjs'

const repository = resolve(import.meta.dirname, '..')
const longestMs = 40 * 60_000
const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { unit: { type: 'boolean', default: false }, shard: { type: 'string', default: '1/1' } },
})
/** Unit tests wait now and then. A browser test keeps more than one core busy. */
const jobs = availableParallelism() + (values.unit ? 1 : 0)
const isWanted = (suite) => (wanted.length === 0 ? !values.unit || suite !== 'check' : wanted.includes(suite))
const results = []
let running = null
let database = null

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(name, () => void abort())

try {
  const folders = findTestFolders()
  const unknown = wanted.find((name) => name !== 'check' && !folders.includes(name))
  if (unknown) throw new Refusal(`There is no suite ${unknown}. The suites are check, ${folders.join(', ')}.`)
  const globs = folders.filter(isWanted).map((folder) => `${folder}/**/*.test.{ts,tsx,mjs}`)
  const prepared = globs.length > 0 && !values.unit ? prepare() : Promise.resolve()
  prepared.catch(() => {})
  if (isWanted('check')) results.push(...(await runScript('check.mjs')))
  await prepared
  const options = [`--jobs=${jobs}`, `--shard=${values.shard}`, '--again=2', ...(values.unit ? ['--pure'] : [])]
  if (globs.length > 0) results.push(...(await runScript('run-tests.mjs', ...options, ...globs)))
} catch (error) {
  const words = error instanceof Refusal ? error.message : error.stack
  results.push({ file: 'set-up', passed: 0, failed: 1, skipped: 0, seconds: 0, failures: [words] })
}
await database?.stop()
report(results)
process.exitCode = results.some(({ failed }) => failed > 0) ? 1 : 0

function findTestFolders() {
  const files = globSync('*/**/*.test.{ts,tsx,mjs}', { cwd: repository, exclude: ['**/node_modules/**'] })
  return [...new Set(files.map((file) => file.split(/[\\/]/)[0]))].sort()
}

async function prepare() {
  const isBuilt = build().done
  process.env.CHROMIUM_PATH = findChromium({ say: (line) => process.stdout.write(`${line}\n`) })
  if (!process.env.DATABASE_URL) database = await startThrowAwayDatabase()
  process.env.DATABASE_URL ||= database.url
  await isBuilt
}

/** Runs a script that leaves its results in a file; everything that it has started ends with it. */
async function runScript(script, ...args) {
  const scratch = mkdtempSync(join(tmpdir(), 'cruddur-results-'))
  const file = join(scratch, 'results.json')
  const startedAt = Date.now()
  running = spawn(process.execPath, [join(import.meta.dirname, script), ...args], {
    cwd: repository,
    env: { ...process.env, TEST_RESULTS_FILE: file },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: process.platform !== 'win32',
  })
  const deadline = setTimeout(endRunning, longestMs)
  const [code, signal] = await once(running, 'close')
  clearTimeout(deadline)
  endRunning()
  const found = readResults(file)
  rmSync(scratch, { recursive: true, force: true })
  if (found.length > 0 && (code === 0 || found.some(({ failed }) => failed > 0))) return found
  const failures = [`it ended with ${code ?? signal} after ${Math.round((Date.now() - startedAt) / 1_000)} s`]
  return [...found, { file: script, passed: 0, failed: 1, skipped: 0, seconds: 0, failures }]
}

function readResults(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return []
  }
}

// Ends the whole group: often a process that a test has started hangs.
function endRunning() {
  if (!running) return
  try {
    if (process.platform === 'win32') running.kill('SIGKILL')
    else process.kill(-running.pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

async function abort() {
  endRunning()
  await database?.stop()
  process.exit(1)
}
