// npm run check:images    lays out both images as their Dockerfiles say, starts them, and asks for the page and the feed; needs no Docker
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startThrowAwayDatabase } from './database.mjs'
import { layImage } from './image-tree.mjs'

const folder = mkdtempSync(join(tmpdir(), 'cruddur-images-'))
chmodSync(folder, 0o755)
const identity = nobodySpecial()
const running = []
let database
try {
  const [backendPort, frontendPort] = [await freePort(), await freePort()]
  const backendUrl = `http://127.0.0.1:${backendPort}`
  const frontendUrl = `http://localhost:${frontendPort}`

  const backend = await layImage('backend/Dockerfile', join(folder, 'backend'))
  const frontend = await layImage('frontend/Dockerfile', join(folder, 'frontend'))
  const laptopOnly = ['typescript', 'vite', 'node', 'turbo', '@biomejs']
  for (const [of, { root }, needless] of [
    ['backend', backend, laptopOnly],
    ['frontend', frontend, [...laptopOnly, 'react', 'rollbar', 'express']],
  ])
    for (const name of needless)
      assert.ok(!existsSync(join(root, 'app/node_modules', name)), `${name} is in the ${of}'s image`)
  say('laid out', folder)
  if (!identity) say('note', 'started as yourself: only root can start them as somebody who may not write there')

  database = await startThrowAwayDatabase()
  // As in docker-compose.yml: the password is not in the address.
  const address = new URL(database.url)
  const { password } = address
  address.password = ''
  start(backend, {
    PORT: backendPort,
    FRONTEND_URL: frontendUrl,
    DATABASE_URL: address.href,
    PGPASSWORD: decodeURIComponent(password),
    DEMO_PEOPLE: 'true',
    OTEL_TRACES_EXPORTER: 'none',
  })
  await answered(`${backendUrl}/api/health-check?ready`)
  start(frontend, { FRONTEND_URL: frontendUrl, BACKEND_URL: backendUrl })
  const page = await answered(`http://127.0.0.1:${frontendPort}/`)
  assert.match(await page.text(), /<script[^>]+src="\/assets\//)
  const feed = await answered(`http://127.0.0.1:${frontendPort}/api/activities/home`)
  assert.match(await feed.text(), /Cloud is very fun!/)
  say('answers', 'the page, and the feed through it')

  const outside = Object.values(networkInterfaces())
    .flat()
    .find(({ internal, family }) => !internal && family === 'IPv4')
  if (outside) {
    await answered(`http://${outside.address}:${backendPort}/api/health-check`)
    await answered(`http://${outside.address}:${frontendPort}/`)
    say('answers', 'from outside the container too')
  }

  for (const { child, name } of running.splice(0).reverse()) {
    child.kill('SIGTERM')
    const [code] = await once(child, 'exit')
    assert.equal(code, 0, `${name} ended with ${code} on SIGTERM`)
  }
  say('ends', 'with 0 on SIGTERM')
} finally {
  for (const { child } of running) child.kill('SIGKILL')
  await database?.stop()
  rmSync(folder, { recursive: true, force: true })
}

function start(image, environment) {
  const [command, ...args] = image.command
  assert.equal(command, 'node')
  const child = spawn(process.execPath, args, {
    ...identity,
    cwd: image.folder,
    env: { PATH: process.env.PATH, ...image.environment, ...environment },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  running.push({ child, name: image.folder })
}

/** Like USER node in a read-only container: somebody to whom no file of the image belongs. */
function nobodySpecial() {
  const user = { uid: 1000, gid: 1000 }
  return spawnSync(process.execPath, ['--version'], user).status === 0 ? user : null
}

async function answered(url) {
  let last
  for (let tries = 0; tries < 200; tries++) {
    try {
      const response = await fetch(url)
      if (response.ok) return response
      last = `${response.status} ${await response.text()}`
    } catch (error) {
      last = error.cause ?? error
    }
    await delay(100)
  }
  throw new Error(`${url} does not answer: ${last}`)
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

function say(what, words) {
  process.stdout.write(`${what}: ${words}\n`)
}
