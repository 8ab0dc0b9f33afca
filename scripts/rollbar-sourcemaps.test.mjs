import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { after, afterEach, before, beforeEach, test } from 'node:test'

const token = 'a-secret-token'
const map = JSON.stringify({ version: 3, sources: ['a.ts'], sourcesContent: ['let a'], mappings: 'AAAA' })

let folder
let rollbar

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'cruddur-maps-'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'version.json'), '{"version":"abc123"}')
  for (const name of ['index-1.js', 'late-2.js']) {
    writeFileSync(join(folder, 'assets', name), 'let a')
    writeFileSync(join(folder, 'assets', `${name}.map`), map)
  }
  writeFileSync(join(folder, 'assets', 'index-1.css.map'), map)
})
after(() => rmSync(folder, { recursive: true }))
beforeEach(async () => {
  rollbar = await standInForRollbar()
})
afterEach(() => rollbar.close())

test('uploads each map under the version of the build and the address of its script', async () => {
  const { code, out, err } = await run([], { FRONTEND_URL: 'https://cruddur.example/' })
  assert.deepEqual({ code, err }, { code: 0, err: '' })
  assert.match(out, /^version abc123 to 127\.0\.0\.1:\d+\nhttps:\/\/cruddur\.example\/assets\/index-1\.js: uploaded\n/)
  assert.deepEqual(
    rollbar.uploads,
    ['index-1.js', 'late-2.js'].map((name) => ({
      path: '/api/1/sourcemap',
      access_token: token,
      version: 'abc123',
      minified_url: `https://cruddur.example/assets/${name}`,
      source_map: map,
    })),
  )
  assert.equal((await run()).code, 0, 'a second upload works too')
})

test('uploads nothing in a dry run, and only lists the source maps', async () => {
  const { code, out } = await run(['--dry-run'])
  assert.equal(code, 0)
  assert.match(out, /^http:\/\/localhost:3000\/assets\/late-2\.js: would be uploaded/m)
  assert.equal(rollbar.uploads.length, 0)
})

test('a dry run needs no token', async () => {
  const { code, out } = await run(['--dry-run'], { ROLLBAR_ACCESS_TOKEN: '', ROLLBAR_ENDPOINT: '' })
  assert.equal(code, 0)
  assert.match(
    out,
    /^version abc123 to api\.rollbar\.com\nhttp:\/\/localhost:3000\/assets\/index-1\.js: would be uploaded/,
  )
})

test('says in one line that the token was refused, and does not print the token', async () => {
  rollbar.answer = [403, { err: 1, message: `the token ${token} does not have the scope` }]
  const { code, out, err } = await run()
  assert.equal(code, 1)
  assert.match(err, /^127\.0\.0\.1:\d+ refuses the token \(403\): .*post_server_item\.\n$/)
  assert.equal(rollbar.uploads.length, 1, 'the first refusal ends the upload')
  assert.doesNotMatch(out + err, new RegExp(token))
})

test('shows the message of any other refusal, and does not print the token', async () => {
  rollbar.answer = [422, { err: 1, message: `no such version for ${token}` }]
  const { code, out, err } = await run()
  assert.equal(code, 1)
  assert.match(err, /did not accept index-1\.js\.map \(422\): no such version for \(token\)\n$/)
  assert.doesNotMatch(out + err, new RegExp(token))
})

test('does not follow a redirect, which would send the token to another server', async () => {
  rollbar.answer = [307, {}, { location: '/elsewhere' }]
  const { code, err } = await run()
  assert.equal(code, 1)
  assert.match(err, /cannot be reached/)
  assert.equal(rollbar.uploads.length, 1)
})

test('stops waiting for a vendor that does not answer', async () => {
  rollbar.answer = null
  const { code, err } = await run(['--timeout', '0.3'])
  assert.equal(code, 1)
  assert.match(err, /did not answer within 0\.3 s/)
})

test('names a missing or wrong setting before it sends anything', async () => {
  const table = [
    [[], { ROLLBAR_ACCESS_TOKEN: '' }, /ROLLBAR_ACCESS_TOKEN is not set/],
    [[], { ROLLBAR_ENDPOINT: 'rollbar' }, /ROLLBAR_ENDPOINT must be an http\(s\) address\. It is: rollbar/],
    [['--folder', tmpdir()], {}, /There is no build in/],
    [[], { SERVICE_VERSION: 'def456' }, /The build has version abc123, but SERVICE_VERSION is def456/],
  ]
  for (const [args, environment, words] of table) {
    const { code, err } = await run(args, environment)
    assert.equal(code, 1)
    assert.match(err, words)
  }
  assert.equal(rollbar.uploads.length, 0)
})

async function run(args = [], environment = {}) {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'rollbar-sourcemaps.mjs'), '--folder', folder, ...args],
    {
      env: {
        PATH: process.env.PATH,
        ROLLBAR_ACCESS_TOKEN: token,
        ROLLBAR_ENDPOINT: `http://127.0.0.1:${rollbar.port}/api/1/item/`,
        ...environment,
      },
    },
  )
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code, out, err }
}

async function standInForRollbar() {
  const uploads = []
  const standIn = { uploads, answer: [200, { err: 0, result: {} }] }
  const server = createServer(async (request, response) => {
    const body = new Response(await buffer(request), { headers: { 'content-type': request.headers['content-type'] } })
    const { source_map: file, ...fields } = Object.fromEntries(await body.formData())
    uploads.push({ path: request.url, ...fields, source_map: await file.text() })
    if (!standIn.answer) return
    const [status, answer, headers] = standIn.answer
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(answer))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  standIn.port = server.address().port
  standIn.close = () => {
    server.close()
    server.closeAllConnections()
  }
  return standIn
}
