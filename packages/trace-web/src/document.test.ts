import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileOf, resourceName } from './document.ts'

const origin = 'https://cruddur.example'
const nameOf = (path: string, initiatorType = 'other') =>
  resourceName(fileOf(new URL(path, origin).href, origin), initiatorType)

test('a file of the build is named without its hash', () => {
  assert.equal(nameOf('/assets/index-BxQ3a_9-.js', 'script'), 'script index.js')
  assert.equal(nameOf('/assets/telemetry-late-D0r4--9k.js', 'script'), 'script telemetry-late.js')
  assert.equal(nameOf('/assets/figtree-latin-wght-normal-abcdEFGH.woff2'), 'font figtree-latin-wght-normal.woff2')
})

test('a file without a hash keeps its name', () => {
  assert.equal(nameOf('/theme.js'), 'script theme.js')
  assert.equal(nameOf('/src/app/action-history.ts?t=17', 'script'), 'script action-history.ts')
})

test('a resource of another origin, or without a file name, is not named', () => {
  assert.equal(nameOf('https://elsewhere.example/a/photo.png', 'img'), 'resource img')
  assert.equal(nameOf('/people/worf', 'img'), 'resource img')
  assert.equal(nameOf('data:image/png;base64,AAAA', 'img'), 'resource img')
})
