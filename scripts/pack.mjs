// npm run pack -- [--out <folder>] [package…]    builds packages for npm and checks them
// Without names it builds all packages that are not private. Each one becomes a folder and a tarball in <folder> (default: dist).
import { execFile } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { Refusal, refuse } from './refusal.mjs'

const run = promisify(execFile)
const repository = resolve(import.meta.dirname, '..')
const runTool = (path, args, options) =>
  run(process.execPath, [join(repository, 'node_modules', path), ...args], options)
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))
const writeJson = (path, value) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`)
const isTest = (path) => /\.test\.tsx?$|(^|\/)testing(\.ts$|\/)/.test(path)

const workspaces = readJson(join(repository, 'package.json')).workspaces.map((folder) => ({
  folder: join(repository, folder),
  manifest: readJson(join(repository, folder, 'package.json')),
}))
const versions = Object.fromEntries(workspaces.map(({ manifest: { name, version } }) => [name, version]))
const publishable = workspaces.filter(({ manifest }) => !manifest.private)

/**
 * Packs the packages of these names into `out`, and returns the folder and the tarball of each. Their check by publint
 * and attw takes most of the time.
 */
export async function pack(names, out, { isChecked = true } = {}) {
  const chosen = names.length === 0 ? publishable : names.map(find)
  mkdirSync(out, { recursive: true })
  const stages = await eachOf(chosen, (one) => build(one, out))
  const { stdout } = await run('npm', ['pack', ...stages, '--pack-destination', out, '--json', '--silent'])
  const tarballs = Object.fromEntries(
    Object.values(JSON.parse(stdout)).map(({ name, filename }) => [name, join(out, filename)]),
  )
  const problems = isChecked ? (await Promise.all(Object.values(tarballs).map(problemsOf))).flat() : []
  if (problems.length > 0) throw new Refusal(problems.join('\n'))
  return chosen.map(({ folder, manifest }) => ({ folder, tarball: tarballs[manifest.name] }))
}

function find(name) {
  const found = publishable.find(({ folder, manifest }) => name === basename(folder) || name === manifest.name)
  if (found) return found
  throw new Refusal(`No package “${name}”. There are ${publishable.map(({ folder }) => basename(folder)).join(', ')}.`)
}

/** Every file keeps its place in the package: `src/x.ts` becomes `src/x.js` and `src/x.d.ts`. */
async function build({ folder, manifest }, out) {
  const stage = join(out, basename(folder))
  rmSync(stage, { recursive: true, force: true })
  mkdirSync(stage, { recursive: true })
  const exports = namedOneByOne(withoutTesting(manifest.exports), folder)
  await compile(folder, [exports, manifest.imports, manifest.bin].flatMap(filesIn).filter(isOwn), stage)
  if (manifest.scripts?.build === 'vite build') {
    await runTool('vite/bin/vite.js', ['build', '--logLevel', 'error', '--outDir', join(stage, 'dist')], {
      cwd: folder,
    })
  }
  for (const path of [join(folder, 'README.md'), join(folder, 'CHANGELOG.md'), join(repository, 'LICENSE')]) {
    if (!existsSync(path)) throw new Refusal(`${manifest.name} needs a ${basename(path)}.`)
    copyFileSync(path, join(stage, basename(path)))
  }
  const { private: _, scripts: __, devDependencies: ___, ...kept } = manifest
  writeJson(join(stage, 'package.json'), {
    ...kept,
    exports: mapFiles(exports, withTypes),
    ...(manifest.imports && { imports: mapFiles(manifest.imports, withTypes) }),
    ...(manifest.bin && { bin: mapFiles(manifest.bin, (file) => built(file)) }),
    ...(Array.isArray(manifest.sideEffects) && { sideEffects: manifest.sideEffects.map((file) => built(file)) }),
    ...(manifest.dependencies && { dependencies: withVersions(manifest.dependencies) }),
    files: readdirSync(stage),
    publishConfig: { access: 'public' },
  })
  return stage
}

/** Compiles these files and what they import. Files of another package are resolved as a stranger would, and not compiled. */
async function compile(folder, files, stage) {
  const project = `${stage}.tsconfig.json`
  writeJson(project, {
    extends: join(folder, 'tsconfig.json'),
    compilerOptions: {
      noEmit: false,
      allowImportingTsExtensions: false,
      rewriteRelativeImportExtensions: true,
      declaration: true,
      sourceMap: true,
      inlineSources: true,
      rootDir: folder,
      outDir: stage,
      typeRoots: [folder, repository].flatMap((home) =>
        ['node_modules/@types', 'node_modules'].map((one) => join(home, one)),
      ),
    },
    files: files.map((file) => join(folder, file)),
    include: [],
  })
  try {
    await runTool('typescript/bin/tsc', ['-p', project])
  } catch ({ stdout }) {
    throw new Refusal(`${basename(folder)} does not compile:\n${stdout}`)
  } finally {
    rmSync(project)
  }
  for (const path of globSync('src/**/*.js.map', { cwd: stage })) {
    const map = readJson(join(stage, path))
    writeFileSync(join(stage, path), JSON.stringify({ ...map, sources: map.sources.map((source) => basename(source)) }))
  }
}

/** Entries for the tests of this repository are not published. */
function withoutTesting(exports) {
  return Object.fromEntries(Object.entries(exports).filter(([key]) => !key.startsWith('./testing/')))
}

/** `./*` stands for each of its files that is not a test and has no other name. */
function namedOneByOne(exports, folder) {
  const named = new Set(filesIn(exports))
  const expand = ([key, target]) => {
    if (!key.includes('*')) return [[key, target]]
    const [before, after] = target.slice(2).split('*')
    return globSync(`${before}*${after}`, { cwd: folder })
      .filter((path) => !isTest(path) && !named.has(`./${path}`))
      .sort()
      .map((path) => [key.replace('*', path.slice(before.length, -after.length)), `./${path}`])
  }
  return Object.fromEntries(Object.entries(exports).flatMap(expand))
}

function filesIn(targets) {
  if (typeof targets === 'string') return [targets]
  return Object.values(targets ?? {}).flatMap(filesIn)
}

function mapFiles(targets, change) {
  if (typeof targets === 'string') return change(targets)
  return Object.fromEntries(Object.entries(targets).map(([key, target]) => [key, mapFiles(target, change)]))
}

function isOwn(file) {
  return file.startsWith('./')
}

function withTypes(file) {
  return isOwn(file) ? { types: built(file, '.d.ts'), default: built(file) } : file
}

function built(file, extension = '.js') {
  return file.replace(/\.tsx?$/, extension)
}

/** A package is tested with this version of its siblings and with no other. */
function withVersions(dependencies) {
  return Object.fromEntries(Object.entries(dependencies).map(([name, range]) => [name, versions[name] ?? range]))
}

async function problemsOf(tarball) {
  const data = readFileSync(tarball)
  const { messages, pkg } = await publint({ pack: { tarball: Uint8Array.from(data).buffer }, strict: true })
  const { problems } = await checkPackage(createPackageFromTarballData(data))
  return [
    ...messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false })}`),
    ...problems.filter(isOfEsm).map(({ trace, ...problem }) => `attw: ${JSON.stringify(problem)}`),
  ].map((words) => `${basename(tarball)}: ${words}`)
}

/** The profile `esm-only` of attw: these two ways to resolve know no packages of ES modules. */
function isOfEsm({ resolutionKind, resolutionOption }) {
  return !['node10', 'node16-cjs'].includes(resolutionKind ?? resolutionOption)
}

/** A compiler and a bundler use several cores each, so only a few run at once. */
async function eachOf(list, work) {
  const results = []
  const queue = list.entries()
  const worker = async () => {
    for (const [at, one] of queue) results[at] = await work(one)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
  return results
}

async function main() {
  const out = { type: 'string', default: 'dist' }
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { out } })
  const packed = await pack(positionals, resolve(values.out))
  process.stdout.write(packed.map(({ tarball }) => `${tarball}\n`).join(''))
}

if (process.argv[1] === import.meta.filename) await main().catch(refuse)
