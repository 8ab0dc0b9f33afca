// npm start      runs Cruddur: the database, the observatory, the backend and the page. Ctrl-C stops it.
// npm run dev    the same, with hot reload of the page; the backend restarts when its code changes
// For settings, copy .env.example to .env: it says what each variable is for.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join, resolve } from 'node:path'
import { banner } from './banner.mjs'
import { build } from './build.mjs'
import { startDatabase } from './database.mjs'
import { Refusal } from './refusal.mjs'
import { Service } from './service.mjs'
import { readSettings } from './settings.mjs'
import { unknownNames } from './unknown-names.mjs'
import { watchFolders } from './watch-folders.mjs'

const repository = resolve(import.meta.dirname, '..')
const isDev = process.argv[2] === 'dev'
const restartAfterMs = { first: 500, longest: 60_000 }
// One Ctrl-C arrives twice: from the terminal, and again from npm.
const sameKeyPressMs = 500

/** What runs, in the order in which it is stopped. */
const running = { frontend: null, backend: null, observatory: null, database: null, build: null }
let stopping = false
let exitCode = 0
let pressedAt = 0
let observatoryRestarts = 0
/** Lines to print after the banner; null once it is shown. */
let heldLines = []

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => onSignal())
process.on('disconnect', () => stop(0))
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})

try {
  await start()
} catch (error) {
  if (!stopping) fail(error instanceof Refusal ? error.message : error.stack)
}

async function start() {
  const environmentFile = join(repository, '.env')
  if (existsSync(environmentFile)) {
    const example = readFileSync(join(repository, '.env.example'), 'utf8')
    for (const line of unknownNames(readFileSync(environmentFile, 'utf8'), example)) process.stderr.write(`${line}\n`)
    process.loadEnvFile(environmentFile)
  }
  const settings = readSettings(process.env)
  await assertFree(settings.ports)

  // The database first: another start may own this folder, and a build replaces the files that it serves.
  await openDatabase(settings)
  if (stopping) return
  await buildPages(settings)
  if (stopping) return
  const services = describeServices(settings)
  for (const service of services) {
    running[service.name] = service
    service.start()
  }
  await Promise.all(
    services.map((service) => service.waitUntilReady(service.name === 'backend' ? isServing : undefined)),
  )
  if (stopping) return

  process.stdout.write(banner({ settings, database: running.database }))
  for (const line of heldLines) process.stdout.write(line)
  heldLines = null
  if (isDev) restartOnChange(running.backend)
  openBrowser(settings.frontendUrl)
}

async function buildPages({ environment }) {
  running.build = build(isDev ? ['--filter=@cruddur/observatory'] : [], environment)
  const announced = setTimeout(() => process.stdout.write('Building the pages …\n'), 1_000)
  await running.build.done.finally(() => clearTimeout(announced))
  running.build = null
}

async function openDatabase(settings) {
  if (settings.databaseUrl) return
  const opening = startDatabase({ onLog: (line) => say('database', line), onCrash: fail })
  const opened = opening.catch(() => null)
  running.database = { stop: async () => (await opened)?.stop(), kill: () => {} }
  running.database = await opening
  settings.environment.DATABASE_URL = running.database.url
}

function describeServices({ environment, frontendUrl, backendUrl, observatoryUrl, ports }) {
  const withoutSecrets = Object.fromEntries(Object.entries(environment).filter(([name]) => !isForBackendOnly(name)))
  const common = { onLine: say, onDeath: fail }
  const observatory = {
    ...common,
    name: 'observatory',
    folder: 'observatory',
    url: observatoryUrl,
    environment: withoutSecrets,
    onDeath: restartObservatory,
  }
  return [
    ...(observatoryUrl ? [new Service({ ...observatory, args: ['src/main.ts'] })] : []),
    new Service({
      ...common,
      name: 'backend',
      folder: 'backend',
      args: ['--import', './src/telemetry/start.ts', 'src/main.ts'],
      url: `${backendUrl}/api/health-check`,
      // All processes share one terminal: lines for people, not JSON.
      environment: { LOG_FORMAT: 'readable', ...environment },
      stopWithinMs: 12_000,
      // While you edit it, a backend that does not start must not stop the rest.
      onDeath: isDev ? (words) => say('backend', `${words} It restarts when you save a change.`) : fail,
    }),
    new Service({
      ...common,
      name: 'frontend',
      folder: 'frontend',
      args: isDev ? ['../node_modules/vite/bin/vite.js'] : ['server/main.ts'],
      // FRONTEND_URL may be an address that only other machines can reach.
      url: frontendUrl.includes('//localhost') ? frontendUrl : `http://localhost:${ports[0].port}`,
      environment: withoutSecrets,
      stopWithinMs: 9_000,
    }),
  ]
}

/** The application does not need the observatory. Each restart waits twice as long as the one before. */
function restartObservatory(words, lastOutput) {
  // During the start, the failure of the observatory stops everything.
  if (heldLines) return fail(words, lastOutput)
  const waitMs = Math.min(restartAfterMs.first * 2 ** observatoryRestarts++, restartAfterMs.longest)
  say('observatory', `${words} The application keeps running without it. It restarts in ${waitMs / 1_000} s.`)
  setTimeout(() => {
    if (!stopping) running.observatory.start()
  }, waitMs)
}

function isForBackendOnly(name) {
  return /^(DATABASE_URL|HONEYCOMB_API_KEY|OTEL_EXPORTER_OTLP(_TRACES|_LOGS|_METRICS)?_HEADERS|ROLLBAR_ACCESS_TOKEN|AWS_.*)$/.test(
    name,
  )
}

// The backend listens before it can serve. If it waits long for the database, start anyway: the page says so.
async function isServing(response, leftMs) {
  const { ready } = await response.json().catch(() => ({ ready: true }))
  return ready !== false || leftMs < 20_000
}

async function assertFree(ports) {
  const lines = []
  for (const { port, of, variable } of ports)
    if ((await isAnswered(port, '127.0.0.1')) || (await isAnswered(port, '::1')))
      lines.push(`Port ${port} (${of}) is taken: stop the program that uses it, or set ${variable}.`)
  if (lines.length > 0) throw new Refusal(lines.join('\n'))
}

function isAnswered(port, host) {
  return new Promise((settle) => {
    const socket = connect({ port, host })
    socket.once('connect', () => settle(true)).once('error', () => settle(false))
    socket.once('connect', () => socket.destroy())
  })
}

function restartOnChange(service) {
  let timer
  let restarted = Promise.resolve()
  const restart = () => {
    restarted = restarted.then(() => !stopping && service.restart())
  }
  for (const room of ['backend', 'shared', 'packages/wire', 'packages/trace-node'])
    watchFolders(join(repository, room, 'src'), (file) => {
      if (!file || file.includes('.test.')) return
      clearTimeout(timer)
      timer = setTimeout(restart, 100)
    })
}

function openBrowser(url) {
  const { BROWSER, CI, DISPLAY, WAYLAND_DISPLAY } = process.env
  if (BROWSER || CI || !process.stdin.isTTY || !process.stdout.isTTY) return
  if (process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY) return
  const [command, ...args] = { darwin: ['open', url], win32: ['cmd', '/c', 'start', '', url] }[process.platform] ?? [
    'xdg-open',
    url,
  ]
  spawn(command, args, { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref()
}

function say(who, words) {
  const line = `${who.padEnd(11)} ${words}\n`
  if (heldLines) heldLines.push(line)
  else process.stdout.write(line)
}

function fail(words, lastOutput) {
  if (stopping) return
  process.stderr.write(lastOutput ? `${words} Its last output:${lastOutput}\n` : `${words}\n`)
  stop(1)
}

function onSignal() {
  const now = Date.now()
  if (!stopping) {
    pressedAt = now
    stop(0)
  } else if (now - pressedAt > sameKeyPressMs) {
    exitCode = 1
    for (const part of Object.values(running)) part?.kill()
    setTimeout(() => process.exit(exitCode), 1_000)
  }
}

function stop(code) {
  if (stopping) return
  stopping = true
  if (heldLines === null) process.stdout.write('\nStopping …\n')
  exitCode = code
  void stopAll().finally(() => process.exit(exitCode))
}

async function stopAll() {
  for (const part of Object.values(running)) await part?.stop()
}
