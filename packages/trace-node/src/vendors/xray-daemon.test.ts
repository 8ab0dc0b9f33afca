import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDaemonAddress } from './xray-daemon.ts'

test('reads an address in the form of the X-Ray SDKs', () => {
  const one = { host: 'xray-daemon', port: 2000 }
  assert.deepEqual(parseDaemonAddress('xray-daemon:2000'), { udp: one, tcp: one })
  assert.deepEqual(parseDaemonAddress('tcp:127.0.0.1:2001 udp:127.0.0.2:2000'), {
    udp: { host: '127.0.0.2', port: 2000 },
    tcp: { host: '127.0.0.1', port: 2001 },
  })
})

test('refuses a wrong address with one line that names it', () => {
  for (const value of [
    '',
    'localhost',
    ':2000',
    'localhost:0',
    'localhost:99999',
    'udp:localhost:2000',
    'http://x:1 y',
    'a:1 b:2 c:3',
    '[::1]:2000',
  ]) {
    assert.throws(() => parseDaemonAddress(value), {
      message: /^AWS_XRAY_DAEMON_ADDRESS is wrong: .* is neither host:port/,
    })
  }
})
