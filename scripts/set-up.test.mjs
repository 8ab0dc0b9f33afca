import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'

const repository = resolve(import.meta.dirname, '..')
const folders = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const platform = { os: [process.platform], cpu: [process.arch] }
const packages = {
  'node_modules/node': { version: process.versions.node },
  'node_modules/plain': { version: '1.0.0' },
  'node_modules/binding': { version: '1.0.0', optional: true, ...platform, libc: ['glibc'] },
  'node_modules/binding-musl': { version: '1.0.0', optional: true, ...platform, libc: ['musl'] },
  'node_modules/for-another-platform': { version: '1.0.0', optional: true, os: ['aix'], cpu: ['ppc64'] },
}
const forThisMachine = ['node_modules/node', 'node_modules/plain', 'node_modules/binding']

test('a complete install is used without changes', async () => {
  const { code, output, npmCalls } = await run(newCheckout({ installed: forThisMachine }))
  assert.deepEqual(
    { code, output, npmCalls },
    { code: 0, output: `hello ${process.version} from the script\n`, npmCalls: [] },
  )
})

test('an optional binding that npm skipped is found missing, and the install is repaired on Node 24', async () => {
  const checkout = newCheckout({ installed: ['node_modules/node', 'node_modules/plain'] })
  const { code, output, npmCalls } = await run(checkout)
  assert.equal(code, 0, output)
  assert.match(output, /^The install is incomplete or out of date \(binding …\): installing again\.\n/)
  assert.match(output, /hello v24\S+ from the script\n$/)
  assert.deepEqual(npmCalls, [{ command: 'ci', version: process.version }])
})

test('a package that was deleted by hand is found missing', async () => {
  const checkout = newCheckout({ installed: forThisMachine })
  rmSync(join(checkout, 'node_modules/plain'), { recursive: true })
  assert.equal((await run(checkout)).npmCalls.length, 1)
})

test('a workspace that a pull added is found missing', async () => {
  const checkout = newCheckout({ installed: forThisMachine })
  const lockfile = { packages: { ...packages, 'node_modules/@cruddur/new': { resolved: 'new', link: true } } }
  write(join(checkout, 'package-lock.json'), lockfile)
  assert.equal((await run(checkout)).npmCalls.length, 1)
})

test('a missing bundled Node is fetched before anything is installed', async () => {
  const { code, output, npmCalls } = await run(newCheckout({ installed: [] }))
  assert.equal(code, 0, output)
  assert.deepEqual(
    npmCalls.map(({ command }) => command),
    ['install', 'ci'],
  )
  assert.match(output, /^Fetching Node 24\S+ …/)
  assert.match(output, /^Installing 3 packages … {2}0 of 3/m)
})

test('Ctrl-C during the install ends npm, says so in one line, and the next start finishes it', async () => {
  const checkout = newCheckout({ installed: ['node_modules/node'] })
  const stopped = start(checkout, { NPM_HANGS: 'true' })
  const npm = await until(() => calls(checkout).at(-1)?.pid)
  stopped.child.kill('SIGINT')
  const { code, output } = await stopped.end
  assert.equal(code, 1)
  assert.match(output, /\nThe install was stopped\. The next start finishes it\.\n$/)
  await until(() => !isAlive(npm))
  assert.ok(!existsSync(join(checkout, '.data/set-up.lock')))

  const next = await run(checkout)
  assert.equal(next.code, 0, next.output)
})

test('of two starts at once, one installs and the other waits', async () => {
  const checkout = newCheckout({ installed: ['node_modules/node'] })
  const both = await Promise.all([run(checkout), run(checkout)])
  assert.deepEqual(
    both.map(({ code }) => code),
    [0, 0],
  )
  assert.match(both.map(({ output }) => output).join(), /Waiting for the install of another start …/)
  assert.equal(calls(checkout).length, 1)
})

test('with a home folder that cannot be written to, npm keeps its cache in .data', async () => {
  const checkout = newCheckout({ installed: ['node_modules/node'] })
  // A file where the folder should be cannot be written to, not even by root.
  const { npmCalls } = await run(checkout, { npm_config_cache: join(checkout, 'package.json', 'cache') })
  assert.equal(npmCalls[0].cache, join(checkout, '.data/npm-cache'))
})

test('a Linux with musl is refused in one line, before anything is written', {
  skip: process.platform !== 'linux' && 'only Linux has musl',
}, async () => {
  const checkout = newCheckout({ installed: [] })
  const musl = join(checkout, 'musl.cjs')
  writeFileSync(musl, 'process.report.getReport = () => ({ header: {} })')
  const { code, output, npmCalls } = await run(checkout, { NODE_OPTIONS: `--require "${musl}"` })
  assert.equal(code, 1)
  assert.match(output, /^This Linux has musl, and .* need glibc: .*\n$/)
  assert.deepEqual(npmCalls, [])
  assert.ok(!existsSync(join(checkout, 'node_modules')) && !existsSync(join(checkout, '.data')))
})

test('--help shows what a script is for, without installing anything', async () => {
  const { code, output, npmCalls } = await run(newCheckout({ installed: [] }), {}, '--help')
  assert.deepEqual({ code, output, npmCalls }, { code: 0, output: 'npm run hello    says hello\n', npmCalls: [] })
})

test('every npm script that runs a file has a --help', () => {
  const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'))
  const without = Object.entries(scripts).filter(([name, command]) => {
    const script = command
      .split(' ')
      .filter((word) => /\.(mjs|ts)$/.test(word))
      .at(-1)
    if (!script || name === 'fix') return false
    const npm = ['start', 'test'].includes(name) ? `npm ${name}` : `npm run ${name}`
    const [head] = /^(?:\/\/.*\n)*/.exec(readFileSync(join(repository, script), 'utf8'))
    return !head.includes(npm)
  })
  assert.deepEqual(without, [])
})

/** The real set-up in a small repository, with a stand-in for npm. */
function newCheckout({ installed }) {
  const checkout = mkdtempSync(join(tmpdir(), 'cruddur set-up ü (1) '))
  folders.push(checkout)
  for (const file of ['set-up.cjs', 'help.cjs'])
    cpSync(join(import.meta.dirname, file), join(checkout, 'scripts', file))
  write(join(checkout, 'package.json'), { dependencies: { node: process.versions.node } })
  write(join(checkout, 'package-lock.json'), { packages })
  write(
    join(checkout, 'hello.mjs'),
    "// npm run hello    says hello\nconsole.log('hello', process.version, 'from the script')\n",
  )
  write(join(checkout, 'npm-cli.js'), standInForNpm)
  if (installed.length > 0) installInto(checkout, installed)
  return checkout
}

function installInto(checkout, names) {
  const present = Object.fromEntries(names.map((name) => [name, packages[name]]))
  for (const name of names) write(join(checkout, name, 'package.json'), {})
  write(join(checkout, 'node_modules/.package-lock.json'), { packages: present })
  const node = join(checkout, 'node_modules/node/bin/node')
  mkdirSync(dirname(node), { recursive: true })
  copyFileSync(process.execPath, node)
  chmodSync(node, 0o755)
}

const standInForNpm = `
  const fs = require('node:fs'), path = require('node:path')
  const option = (name) => process.argv.find((word) => word.startsWith('--' + name + '='))?.split('=')[1]
  const command = process.argv[2]
  fs.appendFileSync('npm-calls.jsonl', JSON.stringify({ command, version: process.version, pid: process.pid, cache: option('cache') }) + '\\n')
  if (process.env.NPM_HANGS) setInterval(() => {}, 1000)
  else if (command === 'install') {
    const prefix = process.argv[process.argv.indexOf('--prefix') + 1]
    const name = process.argv.find((word) => /^node-.*@/.test(word)).split('@')[0]
    const node = path.join(prefix, 'node_modules', name, 'bin', 'node')
    fs.mkdirSync(path.dirname(node), { recursive: true })
    fs.copyFileSync(process.execPath, node)
  } else {
    const packages = Object.fromEntries(Object.entries(JSON.parse(fs.readFileSync('package-lock.json')).packages)
      .filter(([name]) => ${JSON.stringify(forThisMachine)}.includes(name)))
    fs.rmSync('node_modules', { recursive: true, force: true })
    for (const name of Object.keys(packages)) {
      fs.mkdirSync(name, { recursive: true })
      fs.writeFileSync(path.join(name, 'package.json'), '{}')
    }
    fs.mkdirSync('node_modules/.bin')
    fs.writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages }))
  }
`

function start(checkout, environment = {}, ...args) {
  const child = spawn(process.execPath, [join(checkout, 'scripts/set-up.cjs'), 'hello.mjs', ...args], {
    cwd: checkout,
    env: { PATH: process.env.PATH, HOME: checkout, npm_execpath: join(checkout, 'npm-cli.js'), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  const end = once(child, 'close').then(([code]) => ({
    code,
    output,
    npmCalls: calls(checkout).map(({ pid, ...call }) => call),
  }))
  return { child, end }
}

const run = (...args) => start(...args).end

function calls(checkout) {
  const file = join(checkout, 'npm-calls.jsonl')
  if (!existsSync(file)) return []
  // The last line may not be written yet.
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function until(condition) {
  const givenUpAt = Date.now() + 60_000
  for (;;) {
    const value = condition()
    if (value) return value
    if (Date.now() > givenUpAt) throw new Error(`never happened: ${condition}`)
    await delay(25)
  }
}

function write(file, content) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
}
