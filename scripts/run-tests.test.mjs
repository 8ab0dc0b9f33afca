import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'

const folders = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

test('tests are counted, suites are not', () => {
  const body =
    "describe('all', () => { test('a', () => {}); test('b', () => { throw new Error() }); test.skip('c', () => {}) })"
  const { counts, code } = runTests(body)
  assert.deepEqual(counts, { passed: 1, failed: 1, skipped: 1 })
  assert.equal(code, 1)
})

test('a file that passes ends with code 0', () => {
  const { counts, code } = runTests("test('a', () => {})")
  assert.deepEqual(counts, { passed: 1, failed: 0, skipped: 0 })
  assert.equal(code, 0)
})

for (const method of ['error', 'warn']) {
  test(`a stray console.${method} fails the file and says where it came from`, () => {
    const { counts, code, output } = runTests(`test('a', () => console.${method}('what is this'))`)
    assert.deepEqual(counts, { passed: 1, failed: 1, skipped: 0 })
    assert.equal(code, 1)
    assert.match(output, new RegExp(`console\\.${method}: what is this\\n.*one\\.test\\.mjs`))
  })
}

test('an expected console.error does not fail the file', () => {
  const { code } = runTests(
    "test('a', (t) => { t.mock.method(console, 'error', () => {}); console.error('expected') })",
  )
  assert.equal(code, 0)
})

test('a file without a test, and a glob without a file, are failures', () => {
  assert.match(runTests('').output, /✖ no test in one\.test\.mjs/)
  const { output, code } = runTests('', 'nothing/**')
  assert.match(output, /✖ no test in nothing\/\*\*/)
  assert.equal(code, 1)
})

test('a file that cannot be loaded is a failure', () => {
  const { counts, code } = runTests("throw new Error('no')")
  assert.deepEqual({ counts, code }, { counts: { passed: 0, failed: 1, skipped: 0 }, code: 1 })
})

test('a file that does not end is stopped, and says what it waits for', () => {
  const runWithin = (seconds) => runTests("test('a', () => {}); setInterval(() => {}, 1_000)", `--within=${seconds}`)
  let stopped = runWithin(1)
  // A busy machine may not come to the test in a second.
  if (stopped.counts.passed === 0) stopped = runWithin(20)
  const { counts, code, output } = stopped
  assert.deepEqual({ counts, code }, { counts: { passed: 1, failed: 1, skipped: 0 }, code: 1 })
  assert.match(output, /The file does not end\. It waits for: .*Timeout/)
})

test('files run side by side, and a file that runs alone waits for the others', () => {
  const file = (name, work, comment = '') => `${comment}
    import { appendFileSync, readFileSync } from 'node:fs'
    import { setTimeout } from 'node:timers/promises'
    test('${name}', async () => {
      appendFileSync('log', 'begin ${name},')
      ${work}
      appendFileSync('log', 'end ${name},')
    })`
  const besides = (other) => `while (!readFileSync('log', 'utf8').includes('begin ${other}')) await setTimeout(20)`
  const { code, folder } = runTests(file('a', besides('b')), '--jobs=2', {
    'two.test.mjs': file('b', `${besides('a')}; await setTimeout(1_500)`),
    'three.test.mjs': file('c', '', '// Runs alone: it measures something.'),
  })
  assert.equal(code, 0)
  const log = readFileSync(join(folder, 'log'), 'utf8')
  assert.match(log, /^(begin [ab],){2}(end [ab],){2}begin c,end c,$/)
})

const failsOnce = (name) => `
  import { existsSync, writeFileSync } from 'node:fs'
  test('${name}', () => {
    if (existsSync('${name}')) return
    writeFileSync('${name}', '')
    throw new Error('once')
  })`
const failsAlways = "test('always', () => { throw new Error('always') })"

test('with --again a file that failed runs once more, and the report says so', () => {
  const others = { 'two.test.mjs': "test('b', () => {})" }
  const { code, output } = runTests(failsOnce('a'), '--again=1', others, null)
  assert.equal(code, 0)
  assert.match(output, /Unstable: .*one\.test\.mjs passed in its second run\. In the first it failed: a\n/)
  assert.match(output, /2 passed, 0 failed\n$/)
})

test('with --again=1 a file that fails twice has failed, and two failed files do not run again', () => {
  assert.deepEqual(runTests(failsAlways, '--again=1').counts, { passed: 0, failed: 1, skipped: 0 })
  const { counts, code } = runTests(failsOnce('a'), '--again=1', { 'two.test.mjs': failsOnce('b') })
  assert.deepEqual({ counts, code }, { counts: { passed: 0, failed: 2, skipped: 0 }, code: 1 })
})

test('--pure runs only the files that need neither a database nor a browser', () => {
  const { counts } = runTests("test('a', () => {})", '--pure', {
    'two.test.mjs': "// createDatabase\ntest('b', () => {})",
    'three.test.mjs': "// playwright\ntest('c', () => {})",
  })
  assert.deepEqual(counts, { passed: 1, failed: 0, skipped: 0 })
})

test('the shards together run every file once', () => {
  const others = { 'two.test.mjs': "test('b', () => {})", 'three.test.mjs': "test('c', () => {})" }
  const passed = ['1/2', '2/2'].map(
    (shard) => runTests("test('a', () => {})", `--shard=${shard}`, others).counts.passed,
  )
  assert.deepEqual(passed, [2, 1])
})

test('the last lines name the suites, the slowest files, what failed, and how many passed', () => {
  const { output } = runTests(
    "test('a', () => { throw new Error() })",
    '*.test.mjs',
    { 'two.test.mjs': "test('b', () => {})" },
    null,
  )
  assert.match(
    output,
    /The slowest files:\n +[\d.]+ s .*test\.mjs\n +[\d.]+ s .*test\.mjs\n\n✖ .*one\.test\.mjs: a\n\n1 passed, 1 failed\n$/,
  )
})

function runTests(body, argument = '*.test.mjs', others = {}, resultsName = 'results.json') {
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-runner-'))
  folders.push(folder)
  for (const [name, text] of Object.entries({ 'one.test.mjs': body, ...others }))
    writeFileSync(join(folder, name), `import { describe, test } from 'node:test'\n${text}\n`)
  const resultsFile = resultsName && join(folder, resultsName)
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [resolve(import.meta.dirname, 'run-tests.mjs'), argument],
    {
      cwd: folder,
      // Without the variables of the run that this test is part of.
      env: { PATH: process.env.PATH, ...(resultsFile && { TEST_RESULTS_FILE: resultsFile }) },
      encoding: 'utf8',
    },
  )
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const result of resultsFile ? JSON.parse(readFileSync(resultsFile, 'utf8')) : [])
    for (const key of Object.keys(counts)) counts[key] += result[key]
  return { code: status, output: stdout + stderr, counts, folder }
}
