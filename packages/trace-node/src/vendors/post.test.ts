import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { test } from 'node:test'
import { until } from '../testing.ts'
import { agentFor, limited, post } from './post.ts'

const attempts = 8

/** The connections that this vendor holds, and how many it had. */
const holding = async (server: Server, t: { after: (end: () => void) => void }) => {
  const held = new Set<Socket>()
  let count = 0
  server.on('connection', (socket: Socket) => {
    count++
    held.add(socket)
    socket.on('error', () => {}).on('close', () => held.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of held) socket.destroy()
    server.close()
  })
  return { held, count: () => count, port: (server.address() as AddressInfo).port }
}

const vendors: [name: string, make: () => Server][] = [
  ['takes connections and never reads', () => createServer()],
  [
    'reads, never answers, and never hangs up',
    () => createServer({ allowHalfOpen: true }, (socket) => socket.resume()),
  ],
  ['reads requests and never answers', () => createHttpServer((request) => void request.resume())],
]
for (const [name, make] of vendors) {
  for (const scheme of ['http', 'https']) {
    test(`leaves no connection at a vendor that ${name}, by ${scheme}, after giving up`, async (t) => {
      const { held, count, port } = await holding(make(), t)
      const url = `${scheme}://127.0.0.1:${port}`
      const agent = agentFor(url)
      t.after(() => agent.destroy())
      for (let times = 0; times < attempts; times++) {
        const abort = new AbortController()
        const before = count()
        const posted = post({ url, agent, headers: {}, body: Buffer.from('a body'), abort: abort.signal })
        const refused = posted.then(
          () => false,
          () => true,
        )
        // A plain HTTP server closes by itself when it receives a TLS greeting.
        await until(() => count() > before)
        await new Promise((resolve) => setTimeout(resolve, 20))
        abort.abort()
        assert.ok(await refused)
      }
      await until(() => held.size === 0)
    })
  }
}

/** Connections to this port in Linux's own table, at either end, without those in TIME_WAIT. */
const inKernel = (port: number): number => {
  const [listen, timeWait] = ['0A', '06']
  const lines = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1)
  return lines.filter((line) => {
    const [, local = '', remote = '', state = ''] = line.trim().split(/\s+/)
    const isOurs = [local, remote].some((address) => Number.parseInt(address.split(':')[1] ?? '', 16) === port)
    return isOurs && state !== listen && state !== timeWait
  }).length
}

test('leaves no connection in the kernel when the body was not written to the end', {
  skip: !existsSync('/proc/net/tcp'),
}, async (t) => {
  const { count, port } = await holding(createServer({ pauseOnConnect: true }), t)
  const url = `http://127.0.0.1:${port}`
  const agent = agentFor(url)
  const abort = new AbortController()
  const posted = post({ url, agent, headers: {}, body: Buffer.alloc(8 * 1024 * 1024), abort: abort.signal })
  posted.catch(() => {})
  await until(() => count() === 1)
  assert.equal(inKernel(port), 2)
  abort.abort()
  await assert.rejects(posted)
  await until(() => inKernel(port) === 0)
})

test('makes requests wait for a socket when the agent has no more', async (t) => {
  const { held, count, port } = await holding(createHttpServer(), t)
  const agent = limited(agentFor('http:'), 2)
  const abort = new AbortController()
  const url = `http://127.0.0.1:${port}`
  const all = Array.from({ length: 6 }, () =>
    post({ url, agent, headers: {}, body: Buffer.of(1), abort: abort.signal }),
  )
  await until(() => count() === 2)
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(held.size, 2)
  abort.abort()
  await Promise.allSettled(all)
  await until(() => held.size === 0)
})

test('says that a vendor refuses the connection', async (t) => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  for (const scheme of ['http', 'https']) {
    const url = `${scheme}://127.0.0.1:${port}/`
    const agent = agentFor(url)
    t.after(() => agent.destroy())
    const sent = post({ url, agent, headers: {}, body: new Uint8Array(), abort: AbortSignal.timeout(5_000) })
    await assert.rejects(sent, { code: 'ECONNREFUSED' })
  }
})
