import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { after, before, test } from 'node:test'
import type { LiveEvent } from '@cruddur/shared/live'
import { eventually } from '../testing.ts'
import { eventStream } from './event-stream.ts'

const server = createServer()
before(() => once(server.listen(0, '127.0.0.1'), 'listening'))
after(() => {
  server.close()
  server.closeAllConnections()
})

/** A stream and its client. */
const openOne = async () => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse]
  const stream = eventStream(response)
  stream.begin()
  return { socket, response, stream }
}

const event: LiveEvent = { kind: 'profile', handle: 'x'.repeat(30) }

test('a client that does not read is dropped before it costs memory', async () => {
  const [deaf, awake] = [await openOne(), await openOne()]
  let most = 0
  awake.socket.resume()
  deaf.socket.pause()
  // The kernel buffers a few megabytes for a client that does not read.
  let said = 0
  while (!deaf.response.destroyed) {
    for (let times = 0; times < 500; times++) for (const { stream } of [deaf, awake]) stream.send(event)
    most = Math.max(most, deaf.response.writableLength)
    said += 500
    assert.ok(said < 1_000_000, 'the client was not dropped')
    await eventually(() => awake.response.writableLength === 0)
    await new Promise(setImmediate)
  }
  assert.ok(most < 70_000, `${most} bytes were kept`)
  assert.equal(awake.response.destroyed, false)
  awake.socket.destroy()
})

// Without a deadline it would never close.
test('a stream ends even when its client does not react', { timeout: 60_000 }, async () => {
  const { socket, response, stream } = await openOne()
  socket.pause()
  stream.end()
  await once(response, 'close')
  stream.send(event)
  stream.beat()
  socket.destroy()
})
