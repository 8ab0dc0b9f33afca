// Every npm script starts here: node scripts/set-up.cjs [--with-env-file] [options for Node] <script> [arguments]
// Runs on the machine's own Node, 16 or later: installs what is missing, then runs the script on the Node 24 that package.json names.
const { spawn, spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { showHelp } = require('./help.cjs')

const repository = path.resolve(__dirname, '..')
const modules = path.join(repository, 'node_modules')
const data = path.join(repository, '.data')
const lock = path.join(data, 'set-up.lock')
const isWindows = process.platform === 'win32'
const program = isWindows ? 'node.exe' : 'node'
const node24 = path.join(modules, 'node', 'bin', program)
// The npm package that contains only the Node program for this machine.
const nodePackage = `node-${process.platform === 'darwin' && process.arch === 'arm64' ? 'bin-' : ''}${isWindows ? 'win' : process.platform}-${process.arch}`
// npm runs on this copy, because it empties node_modules first.
const spare = path.join(data, 'node')
const spareNode = path.join(spare, 'node_modules', nodePackage, 'bin', program)
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
const abandonedAfterMs = 10_000

async function main() {
  const at = process.argv.findIndex((word, index) => index > 1 && !word.startsWith('-'))
  const script = path.join(repository, process.argv[at])
  if (showHelp(script)) return
  leaveWithNpm()
  try {
    if (!isSetUp()) {
      refuseThisMachine()
      await withLock(install)
    }
  } catch (error) {
    const isNotWritable = ['EACCES', 'EPERM', 'EROFS'].includes(error.code)
    const why = isNotWritable ? `Cruddur cannot write to ${error.path}: clone it into your own folder.` : error.message
    process.stderr.write(`${why}\n`)
    process.exit(1)
  }
  const options = process.argv.slice(2, at).flatMap((option) => {
    if (option !== '--with-env-file') return option
    return fs.existsSync('.env') ? '--env-file=.env' : []
  })
  handOver([...options, script, ...process.argv.slice(at + 1)])
}

const isSetUp = () => missing().length === 0 && runs(node24)

/** npm writes node_modules/.package-lock.json last: before that, everything is missing. */
function missing() {
  const present = (readJson(path.join(modules, '.package-lock.json')) || { packages: {} }).packages
  const isThere = ([name, { version }]) =>
    present[name]?.version === version && fs.existsSync(path.join(repository, name))
  return wanted().filter((wantedPackage) => !isThere(wantedPackage))
}

/** What the lockfile lists for this machine. An optional package without a platform belongs to one for another platform. */
function wanted() {
  return Object.entries(readJson(path.join(repository, 'package-lock.json')).packages).filter(
    ([name, { optional, os: system, cpu, libc }]) =>
      name.includes('node_modules/') &&
      (!optional || system || cpu || libc) &&
      (!system || system.includes(process.platform)) &&
      (!cpu || cpu.includes(process.arch)) &&
      (!libc || libc.includes(isMusl() ? 'musl' : 'glibc')),
  )
}

let glibc
function isMusl() {
  if (process.platform !== 'linux') return false
  process.report.excludeNetwork = true
  if (glibc === undefined) glibc = process.report.getReport().header.glibcVersionRuntime || null
  return glibc === null
}

const wantedNode = () => readJson(path.join(repository, 'package.json')).dependencies.node

function runs(node) {
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' })
  return stdout?.trim() === `v${wantedNode()}`
}

async function install() {
  // Another start may have installed while this one waited.
  if (isSetUp()) return
  const incomplete = fs.existsSync(modules) ? missing() : []
  const names = incomplete.slice(0, 3).map(([name]) => name.replace(/^.*node_modules\//, ''))
  if (names.length > 0) say(`The install is incomplete or out of date (${names.join(', ')} …): installing again.`)

  if (!runs(spareNode)) await bringNode()
  if (missing().length > 0) {
    const packages = wanted()
    const isThere = ([name]) => fs.existsSync(path.join(repository, name, 'package.json'))
    // No install script has to run: the only one that matters fetches Node, which is already here.
    await npm(spareNode, ['ci', '--ignore-scripts', '--include=dev', '--include=optional'], {
      words: `Installing ${packages.length} packages`,
      count: () => `${packages.filter(isThere).length} of ${packages.length}`,
    })
  }
  if (!runs(node24)) placeNode()
  fs.rmSync(spare, { recursive: true, force: true })
}

function refuseThisMachine() {
  if (Number(process.versions.node.split('.')[0]) < 16)
    throw new Error(`Node ${process.version} is too old: install Node 16 or later. Cruddur brings its own Node 24.`)
  if (isMusl())
    throw new Error(
      'This Linux has musl, and the Node 24 and PostgreSQL that Cruddur brings need glibc: use a glibc Linux, or docker compose up --build.',
    )
}

async function bringNode() {
  if (runs(node24)) {
    fs.mkdirSync(path.dirname(spareNode), { recursive: true })
    return fs.copyFileSync(node24, spareNode)
  }
  const version = wantedNode()
  const options = ['--no-save', '--no-package-lock', '--ignore-scripts', '--prefix', spare]
  await npm(process.execPath, ['install', ...options, `${nodePackage}@${version}`], {
    words: `Fetching Node ${version}`,
  })
  if (!runs(spareNode)) {
    throw new Error(
      `Node ${version} does not run here (${process.platform}-${process.arch}): it needs macOS, Windows or a Linux with glibc.`,
    )
  }
}

function placeNode() {
  fs.mkdirSync(path.dirname(node24), { recursive: true })
  fs.copyFileSync(spareNode, node24)
  const link = path.join(modules, '.bin', 'node')
  if (isWindows || fs.existsSync(link)) return
  fs.rmSync(link, { force: true })
  fs.symlinkSync(path.join('..', 'node', 'bin', 'node'), link)
}

/** Runs the machine's npm on `node`. Its output is shown only when it fails. */
function npm(node, args, { words, count = () => '' }) {
  const quiet = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=error', '--logs-max=0']
  const child = spawn(node, [npmProgram(), ...args, ...quiet, ...cacheOptions()], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own: Ctrl-C reaches only this process, which ends the whole group.
    detached: !isWindows,
  })
  let output = ''
  let isStopped = false
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  const stop = () => {
    isStopped = true
    if (isWindows) child.kill()
    else process.kill(-child.pid, 'SIGKILL')
  }
  for (const name of signals) process.on(name, stop)
  const endProgress = showProgress(words, count)
  return new Promise((resolve, reject) => {
    child.once('close', (code) => {
      for (const name of signals) process.off(name, stop)
      endProgress()
      if (isStopped) reject(new Error('The install was stopped. The next start finishes it.'))
      else if (code !== 0) reject(new Error(`${output.trim()}\nnpm ${args[0]} failed: see above.`))
      else resolve()
    })
  })
}

function npmProgram() {
  const onPath = process.env.PATH.split(path.delimiter).map((folder) => path.join(folder, 'npm'))
  const found = [
    process.env.npm_execpath,
    path.join(path.dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    ...onPath.filter((file) => !file.startsWith(modules) && fs.existsSync(file)).map((file) => fs.realpathSync(file)),
  ].find((file) => file?.endsWith('npm-cli.js') && fs.existsSync(file))
  if (!found) throw new Error('npm is not installed: install Node.js from nodejs.org, which includes npm.')
  return found
}

/** npm's cache is in the home folder, which may be read-only. */
function cacheOptions() {
  const cache = process.env.npm_config_cache || path.join(os.homedir(), '.npm')
  try {
    fs.mkdirSync(cache, { recursive: true })
    fs.accessSync(cache, fs.constants.W_OK)
    return []
  } catch {
    return [`--cache=${path.join(data, 'npm-cache')}`]
  }
}

/** One line that counts on a terminal; a line every five seconds elsewhere. */
function showProgress(words, count) {
  const { stdout } = process
  const startedAt = Date.now()
  const show = () => {
    const line = [`${words} …`, count(), `${Math.round((Date.now() - startedAt) / 1000)} s`].filter(Boolean).join('  ')
    stdout.write(stdout.isTTY ? `\r${line}\u001b[K` : `${line}\n`)
  }
  show()
  const timer = setInterval(show, stdout.isTTY ? 500 : 5_000)
  return () => {
    clearInterval(timer)
    if (stdout.isTTY) stdout.write('\r\u001b[K')
  }
}

// If two starts run at once, the second waits for the first's install. A killed start no longer refreshes the lock.
async function withLock(work) {
  fs.mkdirSync(data, { recursive: true })
  for (let waits = 0; !takeLock(); waits++) {
    if (waits === 0) say('Waiting for the install of another start …')
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  const heartbeat = setInterval(() => fs.utimesSync(lock, new Date(), new Date()), 1_000)
  try {
    await work()
  } finally {
    clearInterval(heartbeat)
    fs.rmSync(lock, { force: true })
  }
}

function takeLock() {
  try {
    fs.closeSync(fs.openSync(lock, 'wx'))
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  const state = fs.statSync(lock, { throwIfNoEntry: false })
  if (state && Date.now() - state.mtimeMs > abandonedAfterMs) fs.rmSync(lock, { force: true })
  return false
}

function handOver(args) {
  process.env.PATH = [path.dirname(node24), path.join(modules, '.bin'), process.env.PATH].join(path.delimiter)
  // The channel tells the child when this process is killed.
  const child = spawn(node24, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  // On Windows the console sends Ctrl-C to the child as well, and kill() would end it at once.
  for (const name of signals) process.on(name, () => isWindows || child.kill(name))
  child.once('exit', (code) => process.exit(code === null ? 1 : code))
}

// When npm is killed, it passes no signal on.
function leaveWithNpm() {
  if (!process.env.npm_lifecycle_event) return
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && process.kill(process.pid, 'SIGTERM'), 250).unref()
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

function say(line) {
  process.stdout.write(`${line}\n`)
}

void main()
