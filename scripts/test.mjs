import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { build } from './build.mjs'
import { findChromium } from './chromium.mjs'
import { startThrowAwayDatabase } from './database.mjs'
import { Refusal } from './refusal.mjs'

const repository = resolve(import.meta.dirname, '..')
const minutes = 60_000
const suites = [
  { name: 'check', command: 'node scripts/check.mjs' },
  { name: 'scripts', command: "node scripts/run-tests.mjs --serial 'scripts/**/*.test.mjs'" },
  { name: 'vendors', command: "node scripts/run-tests.mjs 'aws/**/*.test.mjs' 'honeycomb/**/*.test.mjs'" },
  ...['shared', 'backend', 'frontend', 'observatory', 'bench'].map(workspace),
  { ...workspace('packages/vendor-doubles'), name: 'doubles' },
  { ...workspace('e2e'), withinMs: 30 * minutes },
]
const wanted = process.argv.slice(2)
const results = []
let suite = null
let database = null

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(name, () => void abort())

try {
  const unknown = wanted.find((name) => suites.every((known) => known.name !== name))
  if (unknown) throw new Refusal(`There is no suite ${unknown}: ${suites.map(({ name }) => name).join(', ')}.`)
  process.env.CHROMIUM_PATH = findChromium({ say })
  if (!process.env.DATABASE_URL) database = await startThrowAwayDatabase()
  process.env.DATABASE_URL ||= database.url
  await build().done
  for (const each of suites) if (wanted.length === 0 || wanted.includes(each.name)) results.push(await runSuite(each))
} catch (error) {
  process.stderr.write(`${error instanceof Refusal ? error.message : error.stack}\n`)
  results.push({ name: 'set-up', passed: 0, failed: 1, skipped: 0, seconds: 0 })
}
await database?.stop()
report()

function workspace(name) {
  const { scripts } = JSON.parse(readFileSync(join(repository, name, 'package.json'), 'utf8'))
  return { name, folder: name, command: scripts.test }
}

async function runSuite({ name, folder = '.', command, withinMs = 10 * minutes }) {
  say(`\n── ${name} ${'─'.repeat(70 - name.length)}`)
  const scratch = mkdtempSync(join(tmpdir(), 'cruddur-counts-'))
  const countsFile = join(scratch, 'counts.json')
  const startedAt = Date.now()
  suite = spawn(command, {
    cwd: join(repository, folder),
    env: {
      ...process.env,
      PATH: [join(repository, 'node_modules/.bin'), process.env.PATH].join(delimiter),
      TEST_COUNTS_FILE: countsFile,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: true,
    detached: process.platform !== 'win32',
  })
  let isLate = false
  const deadline = setTimeout(() => {
    isLate = true
    endSuite()
  }, withinMs)
  const [code] = await once(suite, 'close')
  clearTimeout(deadline)
  endSuite()

  const counts = readCounts(countsFile)
  rmSync(scratch, { recursive: true, force: true })
  const complaint = isLate
    ? `${name} took longer than ${withinMs / minutes} minutes and was ended.`
    : counts.passed + counts.failed === 0
      ? `${name} ran no test.`
      : code !== 0 && counts.failed === 0 && `${name} ended with code ${code}.`
  if (complaint) {
    say(`✖ ${complaint}`)
    counts.failed++
  }
  return { name, ...counts, seconds: (Date.now() - startedAt) / 1000 }
}

function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }
  }
}

// The whole group: a suite that hangs, hangs in something that it has started.
function endSuite() {
  if (!suite) return
  try {
    if (process.platform === 'win32') suite.kill('SIGKILL')
    else process.kill(-suite.pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

async function abort() {
  endSuite()
  await database?.stop()
  process.exit(1)
}

function report() {
  const total = { name: 'all', passed: 0, failed: 0, skipped: 0, seconds: 0 }
  for (const result of results) for (const key of ['passed', 'failed', 'skipped', 'seconds']) total[key] += result[key]
  say(
    `\n${'suite'.padEnd(12)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'skipped'.padStart(9)}${'seconds'.padStart(9)}`,
  )
  for (const { name, passed, failed, skipped, seconds } of [...results, total]) {
    const cells = [String(passed).padStart(8), String(failed).padStart(8), String(skipped).padStart(9)]
    say(`${name.padEnd(12)}${cells.join('')}${seconds.toFixed(1).padStart(9)}`)
  }
  say(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`)
  process.exitCode = total.failed > 0 ? 1 : 0
}

function say(line) {
  process.stdout.write(`${line}\n`)
}
