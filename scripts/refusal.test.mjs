import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { test } from 'node:test'

const repository = resolve(import.meta.dirname, '..')

for (const command of [
  ['scripts/db-backup.mjs', 'backup'],
  ['scripts/rollbar-sourcemaps.mjs'],
  ['bench/fill/main.mjs'],
  ['aws/apply-xray.mjs'],
  ['honeycomb/apply.mjs'],
])
  test(`${command[0]} refuses an unknown option in one line`, () => {
    const { status, stderr } = spawnSync(process.execPath, [...command, '--nonsense'], {
      cwd: repository,
      env: { PATH: process.env.PATH },
      encoding: 'utf8',
    })
    assert.equal(status, 1)
    assert.match(stderr, /^Unknown option '--nonsense'.*\n$/)
  })
