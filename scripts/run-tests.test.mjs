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

test('what passes ends with code 0', () => {
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

test('an expected console.error is no stray one', () => {
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

test('a file that does not end is ended, and says what it waits for', () => {
  const { counts, code, output } = runTests("test('a', () => {}); setInterval(() => {}, 1_000)", '--within=1')
  assert.deepEqual({ counts, code }, { counts: { passed: 1, failed: 1, skipped: 0 }, code: 1 })
  assert.match(output, /It does not end\. What it waits for: .*Timeout/)
})

function runTests(body, argument = '*.test.mjs') {
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-runner-'))
  folders.push(folder)
  writeFileSync(join(folder, 'one.test.mjs'), `import { describe, test } from 'node:test'\n${body}\n`)
  const countsFile = join(folder, 'counts.json')
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [resolve(import.meta.dirname, 'run-tests.mjs'), argument],
    {
      cwd: folder,
      // Without the marks of the run that this test is part of.
      env: { PATH: process.env.PATH, TEST_COUNTS_FILE: countsFile },
      encoding: 'utf8',
    },
  )
  return { code: status, output: stdout + stderr, counts: JSON.parse(readFileSync(countsFile, 'utf8')) }
}
