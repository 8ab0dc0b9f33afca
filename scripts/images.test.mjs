import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, matchesGlob, relative, resolve } from 'node:path'
import { describe, test } from 'node:test'

const repository = resolve(import.meta.dirname, '..')
const read = (path) => readFileSync(join(repository, path), 'utf8')
const manifestOf = (workspace) => JSON.parse(read(`${workspace}/package.json`))
const ignored = read('.dockerignore')
  .split('\n')
  .filter((line) => line && !line.startsWith('#'))

for (const [workspace, port] of [
  ['backend', 4567],
  ['frontend', 3000],
]) {
  describe(`${workspace}/Dockerfile`, () => {
    const lines = read(`${workspace}/Dockerfile`).replace(/\\\n/g, ' ').split('\n')
    const valuesOf = (instruction, from = lines) =>
      from.filter((line) => line.startsWith(`${instruction} `)).map((line) => line.slice(instruction.length + 1))
    const lastStage = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')))
    const [command] = valuesOf('CMD', lastStage).map((json) => JSON.parse(json))
    const copiedBy = (from) =>
      valuesOf('COPY', from)
        .filter((words) => !words.startsWith('--from='))
        .flatMap((words) => words.split(/\s+/).slice(0, -1))

    test('copies only files that exist and that .dockerignore lets through', () => {
      for (const source of copiedBy(lines)) {
        assert.ok(existsSync(join(repository, source)), source)
        assert.ok(ignored.includes(`!${source.split('/')[0]}`), source)
      }
    })

    test('copies nothing of another workspace', () => {
      const rooms = new Set(copiedBy(lines).map((source) => source.split('/')[0]))
      for (const room of rooms)
        assert.ok(
          ['shared', 'packages', workspace].includes(room) || !existsSync(join(repository, room, 'package.json')),
          room,
        )
    })

    test('installs the packages of the lockfile, without development packages and without install scripts', () => {
      for (const install of valuesOf('RUN').filter((words) => words.includes('npm ci')))
        assert.match(install, /--ignore-scripts/)
      assert.match(valuesOf('RUN', lastStage)[0], new RegExp(`npm ci --workspace ${workspace} --omit=dev `))
    })

    test('starts as the workspace does, on Node 24, as an ordinary user', () => {
      assert.equal(command.join(' '), manifestOf(workspace).scripts.start)
      assert.deepEqual(valuesOf('USER', lastStage), ['node'])
      assert.deepEqual(valuesOf('EXPOSE', lastStage), [String(port)])
      assert.match(valuesOf('ENV', lastStage)[0], /\bNODE_ENV=production\b/)
      assert.equal(
        lines.find((line) => line.startsWith('ARG NODE_VERSION')),
        'ARG NODE_VERSION=24',
      )
    })

    test('copies every file that its command imports, and installs every package', () => {
      const entries = command.filter((word) => word.endsWith('.ts')).map((entry) => join(workspace, entry))
      const reached = followImports(entries)
      assert.ok(reached.files.size > entries.length)
      const copied = copiedBy(lastStage)
      const missing = [...reached.files].filter(
        (file) =>
          !existsSync(join(repository, file)) ||
          !copied.some((source) => file === source || file.startsWith(`${source}/`)) ||
          isIgnored(file),
      )
      assert.deepEqual(missing, [])
      assert.deepEqual(reached.unlistedPackages, [])
    })
  })
}

test('.dockerignore excludes everything first, and always secrets, tests and the packages of this machine', () => {
  assert.equal(ignored[0], '*')
  for (const path of ['backend/.env', 'backend/node_modules', 'frontend/dist', 'shared/src/errors.test.ts'])
    assert.ok(isIgnored(path), path)
})

function isIgnored(path) {
  const everything = path.split('/').map((_, depth, parts) => parts.slice(0, depth + 1).join('/'))
  return ignored.some((glob) => glob.startsWith('**/') && everything.some((part) => matchesGlob(part, glob)))
}

/** The files of the repository that `entries` import, and the packages that the importing workspace does not depend on. */
function followImports(entries) {
  const files = new Set()
  const unlistedPackages = []
  const queue = [...entries]
  while (queue.length > 0) {
    const file = queue.pop()
    if (files.has(file)) continue
    files.add(file)
    if (!existsSync(join(repository, file)) || !/\.[mc]?[jt]s$/.test(file)) continue
    for (const specifier of importsOf(read(file))) {
      if (specifier.startsWith('node:')) continue
      const [, room, module] = /^@cruddur\/([^/]+)(?:\/(.+))?/.exec(specifier) ?? []
      if (room) queue.push(sourceOf(room === 'shared' ? 'shared' : `packages/${room}`, module))
      else if (specifier.startsWith('.'))
        queue.push(relative(repository, resolve(repository, dirname(file), specifier)))
      else if (!isDependency(specifier, workspaceOf(file))) unlistedPackages.push(`${specifier} in ${file}`)
    }
  }
  return { files, unlistedPackages }
}

function workspaceOf(file) {
  const [room, name] = file.split('/')
  return room === 'packages' ? `packages/${name}` : room
}

function sourceOf(folder, module) {
  const { exports } = manifestOf(folder)
  const exact = exports[module ? `./${module}` : '.']
  const pattern = Object.entries(exports).find(([key]) => key === './*')?.[1]
  return join(folder, exact ?? pattern.replace('*', module))
}

function importsOf(source) {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const declared = [...code.matchAll(/^(?:import|export)\s+(?!type\b)(?:[\w*{][^'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm)]
  const dynamic = [...code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)]
  return [...declared, ...dynamic].map(([, specifier]) => specifier)
}

function isDependency(specifier, workspace) {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  return name in (manifestOf(workspace).dependencies ?? {})
}
