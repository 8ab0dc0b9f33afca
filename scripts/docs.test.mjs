import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'

const repository = resolve(import.meta.dirname, '..')
const read = (file) => readFileSync(join(repository, file), 'utf8')
const files = ownFiles()
const documents = files.filter((file) => file.endsWith('.md'))
const { scripts, workspaces } = JSON.parse(read('package.json'))

// Set by the machine, by npm or by these scripts, not in .env.
const notSettings =
  /^(PATH|HOME|CI|DISPLAY|WAYLAND_DISPLAY|NODE_ENV|NODE_COMPILE_CACHE|MODE|NO_COLOR|TEST_RESULTS_FILE|VITE_ROLLBAR_REASON|PLAYWRIGHT_BROWSERS_PATH|PG[A-Z]+|SystemRoot|TEMP)$/
const variable = /\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b|\b(?:PORT|HOST|BROWSER)\b/

test('every link in the documents leads to a file', () => {
  const broken = each(/\]\((?!\w+:|#)([^)\s#]+)[^)]*\)/g, (target, document) => isThere(target, dirname(document)))
  assert.deepEqual(broken, [])
})

test('every link to a heading leads to one', () => {
  const slug = (heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
  const slugsOf = (file) => [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) => slug(heading))
  const broken = each(/\]\((?!\w+:)([^)\s#]*#[^)\s]+)\)/g, (target, document) => {
    const [path, anchor] = target.split('#')
    const file = path ? resolve(repository, dirname(document), path) : join(repository, document)
    return !file.endsWith('.md') || slugsOf(file).includes(anchor)
  })
  assert.deepEqual(broken, [])
})

test('a link that names a symbol leads to a file with that symbol', () => {
  const named = symbolLinks()
  assert.ok(named.length > 20)
  assert.deepEqual(
    named
      .filter(({ symbol, target }) => !new RegExp(`\\b${symbol}\\b`).test(readFileSync(target, 'utf8')))
      .map(({ link }) => link),
    [],
  )
})

test('every link from the journey of a click into the code names a symbol', () => {
  const journey = 'docs/one-click.md'
  const links = [...read(journey).matchAll(/\[[^\]]+\]\([^)]+\.(?:ts|tsx|mjs)\)/g)].map(([link]) => link)
  const named = new Set(symbolLinks([journey]).map(({ link }) => link))
  assert.deepEqual(
    links.filter((link) => !named.has(link)),
    [],
  )
})

test('every path that the documents name exists', () => {
  const rooms = [...workspaces, 'scripts', 'docs', 'aws', 'honeycomb', '.ci'].join('|')
  const named = new RegExp(`\`((?:\\./)?(?:${rooms})/[\\w./@-]*)\``, 'g')
  assert.deepEqual(each(named, isThere), [])
})

test('every test that the table of features names exists', () => {
  const tests = files.filter((file) => /\.test\.\w+$/.test(file)).map(read)
  const known = tests.join('\n').replace(/\$\{verb\}/g, 'like')
  // The last column of each row.
  const cells = [...read('docs/features.md').matchAll(/^\|.*\|([^|]+)\|$/gm)].map(([, cell]) => cell)
  const named = cells.flatMap((cell) => [...cell.matchAll(/"([^"]+)"/g)].map(([, name]) => name))
  assert.ok(named.length > 20)
  assert.deepEqual(
    named.filter((name) => !known.includes(`test('${name}'`) && !known.includes(`test(\`${name}\``)),
    [],
  )
})

test('every npm script that the documents name exists', () => {
  const known = (name) =>
    name in scripts || workspaces.some((room) => name in (JSON.parse(read(`${room}/package.json`)).scripts ?? {}))
  assert.deepEqual(each(/\bnpm run ([\w:-]+)/g, known), [])
  assert.deepEqual(each(/\bnpm (start|test)\b/g, known), [])
})

test('every environment variable that the documents name is in .env.example or read by the code', () => {
  const known = new Set([...variablesOfExample(), ...variablesRead()])
  const named = new RegExp(`\`(${variable.source})(?:=[^\`]*)?\``, 'g')
  assert.deepEqual(
    each(named, (name) => known.has(name) || notSettings.test(name) || /^(OTEL|AWS)_/.test(name) || isInCode(name)),
    [],
  )
})

test('every environment variable that the code reads is in .env.example', () => {
  const example = new Set(variablesOfExample())
  const missing = variablesRead().filter(
    (name) => !example.has(name) && !notSettings.test(name) && !/^OTEL_/.test(name),
  )
  assert.deepEqual(missing, [])
})

test('every variable in .env.example is read by the code, or belongs to an SDK', () => {
  assert.deepEqual(
    variablesOfExample().filter((name) => !/^(OTEL|AWS)_/.test(name) && !isInCode(name)),
    [],
  )
})

test('every variable in .env.example has a comment above it', () => {
  const lines = read('.env.example').split('\n')
  const bare = lines.filter((line, index) => /^[A-Z]/.test(line) && !/^(#|[A-Z])/.test(lines[index - 1]))
  assert.deepEqual(bare, [])
})

test('no file uses words that make a reader stop', () => {
  const words = /\b(anew|whoever|whom|in vain|of ours|nobody['’]s)\b/i
  // Migrations that have run never change.
  const written = files.filter(
    (file) => /\.(md|ts|tsx|mjs|cjs|css|yml|yaml)$|\.env\.example$/.test(file) && !/migrations|docs\.test/.test(file),
  )
  assert.deepEqual(
    written.filter((file) => words.test(read(file))),
    [],
  )
})

function each(pattern, isRight) {
  return documents.flatMap((document) =>
    [...read(document).matchAll(pattern)]
      .filter(([, named]) => !isRight(named, document))
      .map(([, named]) => `${document}: ${named}`),
  )
}

/** Links such as [`useLike`](../frontend/…). */
function symbolLinks(among = documents) {
  return among.flatMap((document) =>
    [...read(document).matchAll(/\[`(\w+)(?:\(\))?`\]\(([^)#]+\.(?:ts|tsx|mjs))\)/g)].map(([link, symbol, path]) => ({
      link,
      symbol,
      target: join(repository, dirname(document), path),
    })),
  )
}

function isThere(path, from = '.') {
  return (
    existsSync(join(repository, path)) ||
    existsSync(join(repository, from.endsWith('.md') ? dirname(from) : from, path))
  )
}

function ownFiles(folder = '.') {
  return readdirSync(join(repository, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return /^(node_modules|dist|\.git|\.data|\.turbo)$/.test(entry.name) ? [] : ownFiles(path)
    return [path]
  })
}

function sources() {
  return files.filter((file) => /\.(ts|tsx|mjs|cjs)$/.test(file) && !/\.test\.|^(e2e|bench)\//.test(file))
}

function variablesOfExample() {
  return [...read('.env.example').matchAll(/^([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name)
}

function variablesRead() {
  const names = sources().flatMap((file) => {
    const text = read(file)
    const direct = [...text.matchAll(/\b(?:process|import\.meta)\.env\??\.([A-Z][A-Z0-9_]*)/g)]
    const destructured = [...text.matchAll(/\{([^{}]*)\} = (?:process|import\.meta)\.env\b/g)].flatMap(([, list]) => [
      ...list.matchAll(/\b([A-Z][A-Z0-9_]+)\b/g),
    ])
    const schema = /(^|\/)(env\.ts|settings\.mjs)$/.test(file) ? [...text.matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm)] : []
    return [...direct, ...destructured, ...schema].map(([, name]) => name)
  })
  return [...new Set(names)].sort()
}

function isInCode(name) {
  const word = new RegExp(`\\b${name}\\b`)
  return files.some((file) => /\.(ts|tsx|mjs|cjs|yml|sh)$|Dockerfile/.test(file) && word.test(read(file)))
}
