import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileOf, resourceName } from './resource-name.ts'

const origin = 'https://cruddur.example'
const nameOf = (path: string, initiatorType = 'other') =>
  resourceName(fileOf(new URL(path, origin).href, origin), initiatorType)

test('a file of the build goes by its name, whatever the build put into it', () => {
  assert.equal(nameOf('/assets/index-BxQ3a_9-.js', 'script'), 'script index.js')
  assert.equal(nameOf('/assets/telemetry-late-D0r4--9k.js', 'script'), 'script telemetry-late.js')
  assert.equal(nameOf('/assets/figtree-latin-wght-normal-abcdEFGH.woff2'), 'font figtree-latin-wght-normal.woff2')
})

test('a file that has no hash keeps its name', () => {
  assert.equal(nameOf('/theme.js'), 'script theme.js')
  assert.equal(nameOf('/src/app/action-history.ts?t=17', 'script'), 'script action-history.ts')
})

test('what is not ours, or no file, is not named', () => {
  assert.equal(nameOf('https://elsewhere.example/of/somebody.png', 'img'), 'resource img')
  assert.equal(nameOf('/people/worf', 'img'), 'resource img')
  assert.equal(nameOf('data:image/png;base64,AAAA', 'img'), 'resource img')
})
