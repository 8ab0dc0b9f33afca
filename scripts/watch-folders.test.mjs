import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { watchFolders } from './watch-folders.mjs'

test('sees every change, however an editor saves', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'cruddur-watch-'))
  t.after(() => rmSync(root, { recursive: true }))
  const file = join(root, 'inner', 'a.ts')
  mkdirSync(join(root, 'inner'))
  writeFileSync(file, '')
  let seen = []
  watchFolders(root, (name) => seen.push(name))

  const replace = () => {
    writeFileSync(`${file}.new`, 'new')
    renameSync(`${file}.new`, file)
  }
  const changes = {
    'a change in place': () => appendFileSync(file, 'x'),
    'a replaced file': replace,
    'a change in the replaced file': () => appendFileSync(file, 'x'),
    'a file that is replaced again': replace,
    'a new folder': () => mkdirSync(join(root, 'inner', 'deep')),
    'a file in the new folder': () => writeFileSync(join(root, 'inner', 'deep', 'b.ts'), ''),
    'a change of it': () => appendFileSync(join(root, 'inner', 'deep', 'b.ts'), 'x'),
  }
  for (const [what, change] of Object.entries(changes)) {
    seen = []
    change()
    const givenUpAt = Date.now() + 30_000
    while (seen.length === 0 && Date.now() < givenUpAt) await delay(10)
    assert.ok(seen.length > 0, what)
    await delay(50)
  }
})
