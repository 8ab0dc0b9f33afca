import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'

const repository = resolve(import.meta.dirname, '..')
const folders = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
})

test('starts everything that the banner names, and Ctrl-C leaves no process and no port', async () => {
  const product = await startProduct(newCheckout())
  const words = await product.banner
  for (const port of product.ports) {
    assert.match(words, new RegExp(`http://localhost:${port}\\b`))
    assert.equal((await fetch(`http://localhost:${port}`)).status, 200)
  }
  assert.match(words, /PostgreSQL 18\.\d+ in \.data\/postgres/)
  assert.match(words, /Traces +→ the observatory +because HONEYCOMB_API_KEY is not set/)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the point is that there is none
  assert.doesNotMatch(words, /\u001b/)

  product.signal('SIGINT')
  assert.equal(await product.exit, 0)
  await nothingIsLeft(product)
  const order = [...product.output().matchAll(/^(\w+) +leaves$/gm)].map(([, name]) => name)
  assert.deepEqual(order, ['frontend', 'backend', 'observatory'])
})

for (const signal of ['SIGTERM', 'SIGHUP']) {
  test(`stops everything at ${signal}`, async () => {
    const product = await startProduct(newCheckout())
    await product.banner
    product.signal(signal)
    assert.equal(await product.exit, 0)
    await nothingIsLeft(product)
  })
}

test('stops everything before npm ends when only npm gets a signal', async () => {
  const product = await startProduct(newCheckout(), { command: ['npm', 'start'] })
  await product.banner
  product.signal('SIGTERM')
  await product.exit
  await nothingIsLeft(product)
})

test('a second Ctrl-C kills the processes that do not stop', async () => {
  const product = await startProduct(newCheckout({ backend: { deaf: true } }))
  await product.banner
  product.signal('SIGINT')
  await until(() => /frontend +leaves/.test(product.output()))
  await delay(600)
  product.signal('SIGINT')
  assert.equal(await product.exit, 1)
  await nothingIsLeft(product)
})

test('ends its processes when it is killed, and the next start has the same database', async () => {
  const checkout = newCheckout()
  const killed = await startProduct(checkout)
  await killed.banner
  killed.signal('SIGKILL')
  await killed.exit
  for (const port of killed.ports) await until(async () => !(await isTaken(port)))

  const next = await startProduct(checkout)
  await next.banner
  assert.match(next.output(), /adopted the database that an earlier start left running/)
  next.signal('SIGINT')
  assert.equal(await next.exit, 0)
  await nothingIsLeft(next)
})

test('shows the last output of a process that dies, and stops the rest', async () => {
  const product = await startProduct(newCheckout({ backend: { diesAt: '/die' } }))
  await product.banner
  await fetch(`http://localhost:${product.ports[1]}/die`).catch(() => {})
  assert.equal(await product.exit, 1)
  assert.match(product.output(), /The backend ended with code 7\. Its last output:\n {2}listening\n {2}farewell/)
  await nothingIsLeft(product)
})

test('keeps the application running when the observatory dies, and restarts the observatory', async () => {
  const product = await startProduct(newCheckout({ observatory: { diesAt: '/die' } }))
  await product.banner
  const [frontend, backend, observatory] = product.ports.map((port) => `http://localhost:${port}`)
  for (const times of [1, 2]) {
    await until(() =>
      fetch(observatory).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
    await fetch(`${observatory}/die`).catch(() => {})
    await until(() => product.output().split('The application keeps running without it.').length === times + 1)
    for (const url of [frontend, backend]) assert.equal((await fetch(url)).status, 200)
  }
  await until(() =>
    fetch(observatory).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  assert.match(product.output(), /The observatory ended with code 7\. The application keeps running/)
  product.signal('SIGINT')
  assert.equal(await product.exit, 0)
  await nothingIsLeft(product)
})

test('names every taken port and its variable before it starts anything', async () => {
  const squatters = [createServer(), createServer()]
  for (const squatter of squatters) await once(squatter.listen(0, '127.0.0.1'), 'listening')
  const [backend, observatory] = squatters.map((squatter) => squatter.address().port)
  const checkout = newCheckout()
  const environment = { PORT: String(backend), OBSERVATORY_PORT: String(observatory) }
  const product = await startProduct(checkout, { environment })
  assert.equal(await product.exit, 1)
  assert.equal(
    product.output(),
    `Port ${backend} (the backend) is taken: stop the program that uses it, or set PORT.\n` +
      `Port ${observatory} (the observatory) is taken: stop the program that uses it, or set OBSERVATORY_PORT.\n`,
  )
  assert.ok(!existsSync(join(checkout, '.data')))
  for (const squatter of squatters) squatter.close()
})

test('refuses a wrong value in .env in one line, and prefers the shell to .env', async () => {
  const checkout = newCheckout()
  writeFileSync(join(checkout, '.env'), 'DEMO_PEOPLE=perhaps\n')
  const refused = await startProduct(checkout)
  assert.equal(await refused.exit, 1)
  assert.equal(refused.output(), 'DEMO_PEOPLE must be true or false. It is: perhaps\n')

  const product = await startProduct(checkout, { environment: { DEMO_PEOPLE: 'false' } })
  await product.banner
  product.signal('SIGINT')
  assert.equal(await product.exit, 0)
})

test('points out a misspelled name in .env, and suggests the right one', async () => {
  const checkout = newCheckout()
  writeFileSync(join(checkout, '.env'), 'HONEYCOMB_APIKEY=hcaik_0123\nDEMO_PEOPLE=perhaps\n')
  const refused = await startProduct(checkout)
  assert.equal(await refused.exit, 1)
  assert.match(
    refused.output(),
    /^\.env sets HONEYCOMB_APIKEY, which Cruddur does not read\. Did you mean HONEYCOMB_API_KEY\?\n/,
  )
})

test('a refused second start does not rebuild the files of the first', async () => {
  const checkout = newCheckout()
  const script = `node -e "fs.appendFileSync('../builds', 'x')"`
  write(
    join(checkout, 'observatory/package.json'),
    JSON.stringify({ name: '@cruddur/observatory', version: '1.0.0', scripts: { build: script } }),
  )
  const first = await startProduct(checkout)
  await first.banner
  assert.equal(readFileSync(join(checkout, 'builds'), 'utf8'), 'x')

  const second = await startProduct(checkout, { environment: { SERVICE_VERSION: 'another' } })
  assert.equal(await second.exit, 1)
  assert.match(second.output(), /is in use by another start of Cruddur/)
  assert.equal(readFileSync(join(checkout, 'builds'), 'utf8'), 'x')
  first.signal('SIGINT')
  await first.exit
})

test('does not set NODE_ENV to production, and keeps a value that is set', async () => {
  for (const [environment, NODE_ENV] of [
    [{}, null],
    [{ NODE_ENV: 'production' }, 'production'],
  ]) {
    const product = await startProduct(newCheckout(), { environment })
    await product.banner
    const [, backend] = product.ports
    assert.equal((await (await fetch(`http://localhost:${backend}`)).json()).NODE_ENV, NODE_ENV)
    product.signal('SIGINT')
    await product.exit
  }
})

test('gives the keys to the backend only', async () => {
  const product = await startProduct(newCheckout(), {
    environment: { OTEL_EXPORTER_OTLP_HEADERS: 'x-honeycomb-team=key' },
  })
  await product.banner
  const [frontend, backend, observatory] = await Promise.all(
    product.ports.map(async (port) => (await fetch(`http://localhost:${port}`)).json()),
  )
  assert.equal(backend.has.OTEL_EXPORTER_OTLP_HEADERS, true)
  assert.equal(backend.has.DATABASE_URL, true)
  for (const other of [frontend, observatory])
    assert.deepEqual(other.has, { OTEL_EXPORTER_OTLP_HEADERS: false, DATABASE_URL: false })
  product.signal('SIGINT')
  await product.exit
})

/** The real scripts, with three stand-ins that only listen. */
function newCheckout({ backend = {}, observatory = {} } = {}) {
  const checkout = mkdtempSync(join(tmpdir(), 'cruddur-start-'))
  folders.push(checkout)
  chmodSync(checkout, 0o755)
  cpSync(join(repository, 'scripts'), join(checkout, 'scripts'), { recursive: true })
  for (const file of ['package.json', 'turbo.json', '.env.example'])
    cpSync(join(repository, file), join(checkout, file))
  // Lists exactly the installed packages, so that set-up installs nothing into the shared node_modules.
  const { packages } = JSON.parse(readFileSync(join(repository, 'node_modules/.package-lock.json'), 'utf8'))
  const shared = Object.entries(packages).filter(([name]) => name.startsWith('node_modules/'))
  write(join(checkout, 'package-lock.json'), JSON.stringify({ packages: Object.fromEntries(shared) }))
  symlinkSync(join(repository, 'node_modules'), join(checkout, 'node_modules'))
  for (const room of JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')).workspaces) {
    write(
      join(checkout, room, 'package.json'),
      JSON.stringify({ name: `@cruddur/${basename(room)}`, version: '1.0.0', type: 'module' }),
    )
  }
  write(join(checkout, 'backend/src/telemetry/start.ts'), '')
  cpSync(join(repository, 'backend/src/service-version.ts'), join(checkout, 'backend/src/service-version.ts'))
  write(join(checkout, 'backend/src/main.ts'), standIn('Number(process.env.PORT)', backend))
  write(join(checkout, 'observatory/src/main.ts'), standIn('Number(process.env.OBSERVATORY_PORT)', observatory))
  write(join(checkout, 'frontend/server/main.ts'), standIn('Number(new URL(process.env.FRONTEND_URL).port)'))
  return checkout
}

function standIn(port, { deaf = false, diesAt = null } = {}) {
  return `
    import { createServer } from 'node:http'
    const has = Object.fromEntries(['OTEL_EXPORTER_OTLP_HEADERS', 'DATABASE_URL'].map((name) => [name, name in process.env]))
    const server = createServer((request, response) => {
      if (request.url === ${JSON.stringify(diesAt)}) { console.log('farewell'); process.exitCode = 7; return server.close(() => process.exit(7)), server.closeAllConnections() }
      response.end(JSON.stringify({ ready: true, has, NODE_ENV: process.env.NODE_ENV ?? null }))
    }).listen(${port}, '127.0.0.1', () => console.log('listening'))
    process.on('SIGTERM', () => { if (${deaf}) return; console.log('leaves'); server.close(); server.closeAllConnections() })
  `
}

async function startProduct(checkout, { command = [process.execPath, 'scripts/start.mjs'], environment = {} } = {}) {
  const [frontend, backend, observatory, xray] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ]
  const { PATH, HOME } = process.env
  const [program, ...args] = command
  const child = spawn(program, args, {
    cwd: checkout,
    env: {
      PATH,
      HOME,
      CI: 'true',
      FRONTEND_URL: `http://localhost:${frontend}`,
      PORT: String(backend),
      OBSERVATORY_PORT: String(observatory),
      OBSERVATORY_XRAY_PORT: String(xray),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  const exit = once(child, 'close').then(([code]) => code)
  return {
    checkout,
    ports: [frontend, backend, observatory],
    exit,
    output: () => output,
    signal: (name) => child.kill(name),
    get banner() {
      return until(() => /because/.test(output) || child.exitCode !== null).then(() => {
        assert.match(output, /Cruddur is running/)
        return output
      })
    },
  }
}

async function nothingIsLeft({ ports, checkout }) {
  for (const port of ports) assert.equal(await isTaken(port), false, `port ${port} is still taken`)
  assert.ok(!existsSync(join(checkout, '.data/postgres/postmaster.pid')), 'the database is still running')
}

function isTaken(port) {
  return new Promise((settle) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => settle(true)).on('error', () => settle(false))
    socket.on('connect', () => socket.destroy())
  })
}

/** Below the ports that the system gives to other tests, which could take this one before the product starts. */
async function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    server.close()
    if (isFree) return port
  }
}

async function until(condition) {
  const givenUpAt = Date.now() + 60_000
  while (!(await condition())) {
    if (Date.now() > givenUpAt) throw new Error(`never happened: ${condition}`)
    await delay(25)
  }
}

function write(file, text) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
