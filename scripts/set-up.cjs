// Runs on whatever Node the machine has; everything else runs on the Node 24 that package.json names.
const { spawn, spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { pathToFileURL } = require('node:url')

const repository = path.resolve(__dirname, '..')
const modules = path.join(repository, 'node_modules')
const node24 = path.join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
const lock = path.join(repository, '.data', 'set-up.lock')
const abandonedAfterMs = 10_000

/** Installs what is missing, then runs `scripts/<script>` on Node 24 with this process's arguments. */
exports.run = async (script) => {
  leaveWithNpm()
  try {
    if (!isSetUp()) await withLock(install)
  } catch (error) {
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
  const file = path.join(__dirname, script)
  const isAlready = fs.realpathSync(process.execPath) === fs.realpathSync(node24)
  if (isAlready) await import(pathToFileURL(file).href)
  else handOver(file)
}

const isSetUp = () => isInstalled() && nodeWorks()

// npm writes node_modules/.package-lock.json last: what it lists is there, whoever ran the install.
function isInstalled() {
  const wanted = readJson(path.join(repository, 'package-lock.json')).packages
  const present = (readJson(path.join(modules, '.package-lock.json')) || { packages: {} }).packages
  return Object.keys(wanted)
    .filter((name) => name.includes('node_modules/') && !wanted[name].link)
    .every((name) => {
      if (present[name]) return present[name].version === wanted[name].version
      return wanted[name].optional && !isForUs(wanted[name])
    })
}

function isForUs({ os, cpu, libc }) {
  return Boolean(os && cpu && !libc && os.includes(process.platform) && cpu.includes(process.arch))
}

function nodeWorks() {
  const wanted = readJson(path.join(modules, 'node', 'package.json'))
  const { stdout } = spawnSync(node24, ['--version'], { encoding: 'utf8' })
  return wanted !== null && stdout !== null && stdout.trim() === `v${wanted.version}`
}

async function install() {
  if (isSetUp()) return
  process.stdout.write('Installing (first run only) …\n')
  if (!isInstalled()) await npm(['ci', '--include=dev', '--include=optional'], repository)
  if (!nodeWorks()) await repairNode()
  if (!nodeWorks()) {
    const platform = `${process.platform}-${process.arch}`
    throw new Error(`Node 24 does not run here (${platform}): it needs macOS, Windows or a Linux with glibc.`)
  }
}

// The package `node` fetches its binary in an install script: with scripts switched off, only the wrapper is there.
async function repairNode() {
  const home = path.join(modules, 'node')
  const { version } = readJson(path.join(home, 'package.json'))
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'
  const name = `${prefix}-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  await npm(
    ['install', '--no-save', '--no-package-lock', '--ignore-scripts', '--prefix', home, `${name}@${version}`],
    home,
  )

  fs.mkdirSync(path.dirname(node24), { recursive: true })
  fs.copyFileSync(path.join(home, 'node_modules', name, 'bin', path.basename(node24)), node24)
  fs.chmodSync(node24, 0o755)
  const link = path.join(modules, '.bin', 'node')
  if (process.platform === 'win32' || fs.existsSync(link)) return
  fs.rmSync(link, { force: true })
  fs.symlinkSync(path.join('..', 'node', 'bin', 'node'), link)
}

// npm must not run on the very Node that it is about to replace.
function npm(args, cwd) {
  const isOurs = (folder) => folder.startsWith(modules)
  const PATH = process.env.PATH.split(path.delimiter)
    .filter((folder) => !isOurs(folder))
    .join(path.delimiter)
  const quiet = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=error']
  const child = spawn('npm', [...args, ...quiet], {
    cwd,
    env: { ...process.env, PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  const stopForwarding = forwardSignals(child)
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`npm cannot be run (${error.code}): install Node with npm first.`)))
    child.once('close', (code) => {
      stopForwarding()
      if (code === 0) resolve()
      else reject(new Error(`${output.trim()}\nnpm ${args[0]} failed.`))
    })
  })
}

// Two starts at once: the second waits for the first one's install. A holder that was killed stops touching the lock.
async function withLock(work) {
  fs.mkdirSync(path.dirname(lock), { recursive: true })
  for (let waits = 0; !takeLock(); waits++) {
    if (waits === 0) process.stdout.write('Waiting for the install of another start …\n')
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

function handOver(file) {
  // The channel tells the child when this process is killed.
  const child = spawn(node24, [file, ...process.argv.slice(2)], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  forwardSignals(child)
  child.once('exit', (code) => process.exit(code === null ? 1 : code))
}

function forwardSignals(child) {
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP']
  const forward = (name) => child.kill(name)
  for (const name of names) process.on(name, forward)
  return () => {
    for (const name of names) process.off(name, forward)
  }
}

// npm that is killed tells nobody.
function leaveWithNpm() {
  if (!process.env.npm_lifecycle_event) return
  const npm = process.ppid
  setInterval(() => process.ppid !== npm && process.kill(process.pid, 'SIGTERM'), 250).unref()
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}
