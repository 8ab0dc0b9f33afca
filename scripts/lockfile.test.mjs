import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const packagesOf = (lockfile) => JSON.parse(readFileSync(new URL(lockfile, import.meta.url), 'utf8')).packages
const packages = packagesOf('../package-lock.json')

// npm leaves out packages that the registry does not serve at that moment. npm ci then refuses the lockfile everywhere.
test('the lockfile names the packages of every platform', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !lookedUpFrom(path, name).some((place) => packages[place]))
      .map((name) => `${name}, wanted by ${path || 'the root'}`),
  )
  assert.deepEqual(missing, [])
})

// Without the hash npm accepts any content. To add one: delete the entry and run npm install --package-lock-only.
test('every package of the lockfiles has the hash of its content', () => {
  const all = ['../package-lock.json', '../bench/page/peers/package-lock.json'].map(packagesOf)
  const without = all
    .flatMap(Object.entries)
    .filter(
      ([path, { integrity, link }]) => path.includes('node_modules/') && !link && !integrity?.startsWith('sha512-'),
    )
  assert.deepEqual(
    without.map(([path]) => path),
    [],
  )
})

function lookedUpFrom(path, name) {
  const parents = [path, ...[...path.matchAll(/(^|\/)node_modules\//g)].map(({ index }) => path.slice(0, index))]
  return parents.map((parent) => [parent, 'node_modules', name].filter(Boolean).join('/'))
}
