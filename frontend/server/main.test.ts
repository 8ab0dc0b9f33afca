import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { frontendAddress } from './frontend-server.ts'

const start = (environment: Record<string, string>) =>
  fork(new URL('./main.ts', import.meta.url), {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })

test('a public address without a port leaves the server on 3000', () => {
  assert.equal(frontendAddress(new URL('https://cruddur.example'), undefined).port, 3000)
  assert.deepEqual(frontendAddress(new URL('http://localhost:3100'), '0.0.0.0'), { host: '0.0.0.0', port: 3100 })
})

test('an invalid address stops the start with one line', async () => {
  const child = start({ BACKEND_URL: 'localhost:4567' })
  const [message, [code]] = await Promise.all([text(child.stderr as NodeJS.ReadableStream), once(child, 'exit')])
  assert.equal(code, 1)
  assert.equal(message, 'BACKEND_URL must be an http(s) address, not localhost:4567\n')
})

test('an invalid trusted proxy stops the start with one line', async () => {
  const child = start({ TRUSTED_PROXIES: 'loopback,frontend' })
  const [message, [code]] = await Promise.all([text(child.stderr as NodeJS.ReadableStream), once(child, 'exit')])
  assert.equal(code, 1)
  assert.equal(
    message,
    'TRUSTED_PROXIES must list addresses, networks (10.0.0.0/8), loopback, linklocal or uniquelocal.\n',
  )
})
