import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { pack } from './pack.mjs'

const repository = resolve(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'packages-'))
const stranger = join(folder, 'stranger')
const modules = join(stranger, 'node_modules')
const read = (path) => readFileSync(path, 'utf8')
let packages

// What npm would install into an empty folder: the tarballs and the packages that they name, and nothing else.
before(async () => {
  // Throws when publint or attw finds a problem.
  packages = (await pack([], folder)).map(unpack)
  for (const one of packages) install(one, ({ name, isOptional }) => !isOptional && !name.startsWith('@cruddur/'))
  writeFileSync(join(stranger, 'package.json'), '{ "type": "module" }')
})
after(() => rmSync(folder, { recursive: true }))

test('every package says what it does, which Node it needs, and its licence', () => {
  assert.ok(packages.length >= 3)
  for (const { manifest, home } of packages) {
    const { name, description, license, type, engines } = manifest
    assert.deepEqual([license, type, engines], ['MIT', 'module', { node: '>=20.19' }], name)
    assert.match(description, /\w{3}/, name)
    for (const field of ['private', 'scripts', 'devDependencies']) assert.equal(manifest[field], undefined, name)
    for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE']) assert.ok(existsSync(join(home, file)), name + file)
  }
})

test('every export is a JavaScript file and its types', () => {
  for (const { home, manifest } of packages)
    for (const { types, default: file } of exportsOf(manifest).map(([, target]) => target)) {
      assert.match(file, /\.js$/)
      assert.match(types, /\.d\.ts$/)
      for (const path of [file, types]) assert.ok(existsSync(join(home, path)), `${manifest.name} ${path}`)
    }
})

test('a package names the packages that it imports, and imports no TypeScript', () => {
  for (const { home, manifest, files } of packages) {
    const { name, imports = {}, dependencies = {}, peerDependencies = {} } = manifest
    const isNamed = (specifier) =>
      isBuiltin(specifier) ||
      specifier in imports ||
      nameOf(specifier) === name ||
      nameOf(specifier) in { ...dependencies, ...peerDependencies }
    for (const file of files.filter((path) => /\.(js|d\.ts)$/.test(path) && !path.startsWith('dist/'))) {
      const specifiers = importsOf(read(join(home, file)))
      const bare = specifiers.filter((specifier) => !specifier.startsWith('.'))
      assert.deepEqual(
        bare.filter((specifier) => !isNamed(specifier)),
        [],
        `${name} ${file}`,
      )
      if (!file.endsWith('.js')) continue
      const relative = specifiers.filter((specifier) => specifier.startsWith('.'))
      assert.deepEqual(
        relative.filter((specifier) => !existsSync(join(home, dirname(file), specifier)) || /\.tsx?$/.test(specifier)),
        [],
        `${name} ${file}`,
      )
    }
  }
})

test('no package has a test, a source file or a path of this machine, and every map has its source', () => {
  for (const { home, manifest, files } of packages) {
    const sources = files.filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts'))
    assert.deepEqual([...sources, ...files.filter((path) => /\.test\.|testing/.test(path))], [], manifest.name)
    for (const file of files) {
      const content = read(join(home, file))
      assert.ok(!content.includes(repository) && !content.includes(folder), `${manifest.name} ${file}`)
      if (!file.endsWith('.map')) continue
      const { sources, sourcesContent } = JSON.parse(content)
      assert.deepEqual([sources.length, sourcesContent.length], [1, 1], file)
      assert.match(sources[0], /^[^/\\]+\.tsx?$/)
    }
  }
})

test('a CommonJS application can require what is not for a page, without the optional packages', () => {
  const specifiers = packages
    .filter(({ manifest }) => manifest.name !== '@cruddur/trace-web')
    .flatMap(({ manifest }) => Object.keys(manifest.exports).map((key) => manifest.name + key.slice(1)))
  const program = `for (const name of ${JSON.stringify(specifiers)}) require(name); process.exit()`
  const env = { PATH: process.env.PATH, OTEL_SDK_DISABLED: 'true' }
  execFileSync(process.execPath, ['-e', program], { cwd: stranger, env, encoding: 'utf8' })
})

for (const [module, moduleResolution] of [
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
]) {
  test(`a stranger's compiler accepts the types of every export, with ${moduleResolution}`, () => {
    for (const one of packages) install(one, ({ isOptional }) => isOptional)
    link('@types/node', repository, stranger)
    const specifiers = packages.flatMap(({ manifest }) =>
      exportsOf(manifest).map(([key]) => join(manifest.name, key).replaceAll('\\', '/')),
    )
    const lines = specifiers.map((specifier, at) => `import * as all${at} from '${specifier}'\nvoid all${at}\n`)
    writeFileSync(join(stranger, 'all.ts'), lines.join(''))
    const compilerOptions = {
      module,
      moduleResolution,
      target: 'es2023',
      lib: ['es2023', 'dom', 'dom.iterable', 'esnext.disposable'],
    }
    writeFileSync(
      join(stranger, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: { ...compilerOptions, strict: true, noEmit: true, skipLibCheck: false, types: ['node'] },
        files: ['all.ts'],
      }),
    )
    const compiler = join(repository, 'node_modules/typescript/bin/tsc')
    try {
      execFileSync(process.execPath, [compiler, '-p', '.'], { cwd: stranger, encoding: 'utf8' })
    } catch ({ stdout }) {
      // The types of some vendors have errors of their own.
      assert.deepEqual(
        stdout.split('\n').filter((line) => /^(all\.ts|node_modules|error)/.test(line)),
        [],
      )
    }
  })
}

test('the observatory starts from its tarball and serves the page that it was packed with', async () => {
  const { home, manifest } = packages.find(({ manifest }) => manifest.name === '@cruddur/observatory')
  assert.deepEqual(
    Object.keys(manifest.dependencies).filter((name) => /react|vite/.test(name)),
    [],
  )
  const program = join(home, manifest.bin.observatory)
  const child = spawn(process.execPath, [program, '--port', '0', '--xray-port', '0'], { cwd: stranger })
  try {
    const [line] = await once(child.stdout, 'data')
    const url = /http:\S+/.exec(String(line))?.[0]
    const page = await (await fetch(url)).text()
    const [, script] = /<script type="module"[^>]* src="(\/assets\/[^"]+\.js)"/.exec(page)
    assert.equal((await fetch(url + script)).status, 200)
    assert.equal((await fetch(`${url}/api/traces`)).status, 200)
  } finally {
    child.kill()
  }
})

function unpack({ folder, tarball }) {
  const { name } = JSON.parse(execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' }))
  const home = join(modules, name)
  mkdirSync(home, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '-C', home, '--strip-components=1'])
  const entries = globSync('**/*', { cwd: home, withFileTypes: true }).filter((entry) => entry.isFile())
  const files = entries.map((entry) =>
    join(entry.parentPath, entry.name)
      .slice(home.length + 1)
      .replaceAll('\\', '/'),
  )
  return { home, folder, files, manifest: JSON.parse(read(join(home, 'package.json'))) }
}

function install({ manifest, folder, home }, isWanted) {
  const { dependencies, peerDependencies, peerDependenciesMeta } = manifest
  for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
    if (!isWanted({ name, isOptional: peerDependenciesMeta?.[name]?.optional })) continue
    link(name, folder, home)
    link(`@types/${name.replace('@', '').replace('/', '__')}`, folder, home)
  }
}

/** A package of the repository may have dependencies of its own. */
function link(name, from, to) {
  const found = [from, repository].map((home) => join(home, 'node_modules', name)).find((path) => existsSync(path))
  const place = join(to, 'node_modules', name)
  if (!found || existsSync(place)) return
  mkdirSync(dirname(place), { recursive: true })
  symlinkSync(found, place, 'junction')
}

/** The entries of `exports`, each with its file and types, whatever the conditions. */
function exportsOf({ exports }) {
  const leaves = (key, target) =>
    'types' in target ? [[key, target]] : Object.values(target).flatMap((inner) => leaves(key, inner))
  return Object.entries(exports).flatMap(([key, target]) => leaves(key, target))
}

// A module that writes code has imports such as '${name}' in its texts.
function importsOf(source) {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  return [...code.matchAll(/(?:^import\s+|\bfrom\s+|\bimport\()['"]([^'"$]+)['"]/gm)].map(([, specifier]) => specifier)
}

function nameOf(specifier) {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
