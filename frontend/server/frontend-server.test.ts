import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type Server,
  type ServerResponse,
} from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { after, afterEach, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib'
import { createFrontendServer } from './frontend-server.ts'
import { readSite, type Site } from './static-files.ts'

const listen = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const end = async (server: Server): Promise<void> => {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}

type Answer = { status: number; headers: IncomingMessage['headers']; body: Buffer }

/** `fetch` would normalize the paths and headers that these tests send. */
const ask = async (port: number, path: string, headers: OutgoingHttpHeaders = {}, method = 'GET'): Promise<Answer> => {
  const sent = request({ port, host: '127.0.0.1', path, method, headers, agent: false }).end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  return {
    status: answer.statusCode as number,
    headers: answer.headers,
    body: Buffer.concat(await answer.toArray()),
  }
}

const page = `<!doctype html><title>Cruddur</title><script>let a</script><style>b{}</style>
<script type="module" src="/assets/main-abc.js"></script>${' '.repeat(600)}`
const script = `console.log('${'x'.repeat(2_000)}')`
let folder: string
let site: Site

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cruddur-site-'))
  await mkdir(join(folder, 'dist/assets'), { recursive: true })
  await writeFile(join(folder, 'secret.txt'), 'secret')
  await writeFile(join(folder, 'dist/index.html'), page)
  await writeFile(join(folder, 'dist/connect-origins.json'), '["http://api.example:4567"]')
  await writeFile(join(folder, 'dist/assets/main-abc.js'), script)
  await writeFile(join(folder, 'dist/assets/main-abc.js.br'), brotliCompressSync(script))
  await writeFile(join(folder, 'dist/assets/main-abc.js.map'), '{"sources":[]}')
  site = (await readSite(pathToFileURL(`${folder}/dist/`))) as Site
})
after(() => rm(folder, { recursive: true }))

describe('the static files', () => {
  let server: Server
  let port: number
  before(async () => {
    server = createFrontendServer({ site, backendUrl: new URL('http://localhost:1'), isTls: false })
    port = await listen(server)
  })
  after(() => end(server))

  test('the page is revalidated on every load, and a hashed asset never', async () => {
    assert.equal((await ask(port, '/')).headers['cache-control'], 'no-cache')
    const asset = await ask(port, '/assets/main-abc.js')
    assert.match(asset.headers['cache-control'] ?? '', /immutable/)
    assert.equal(asset.headers['content-type'], 'text/javascript; charset=utf-8')
  })

  test('a client that accepts compression gets the asset as the build compressed it', async () => {
    const compressed = await ask(port, '/assets/main-abc.js', { 'accept-encoding': 'gzip, br' })
    assert.equal(compressed.headers['content-encoding'], 'br')
    assert.equal(brotliDecompressSync(compressed.body).toString(), script)
    const plain = await ask(port, '/assets/main-abc.js', { 'accept-encoding': 'br;q=0, *' })
    assert.equal(plain.headers['content-encoding'], undefined)
    assert.equal(plain.body.toString(), script)
    assert.notEqual(plain.headers.etag, compressed.headers.etag)
  })

  test('a file that the browser already has is not sent again', async () => {
    const { etag } = (await ask(port, '/')).headers
    const again = await ask(port, '/', { 'if-none-match': `W/"other", W/${etag}` })
    assert.equal(again.status, 304)
    assert.equal(again.body.length, 0)
  })

  test('HEAD answers like GET, without the body', async () => {
    const answer = await ask(port, '/', {}, 'HEAD')
    assert.equal(answer.status, 200)
    assert.equal(answer.headers['content-length'], String(page.length))
    assert.equal(answer.body.length, 0)
  })

  test('a navigation to any path gets the page, whose router knows the paths', async () => {
    assert.equal((await ask(port, '/no/such/page', { accept: 'text/html,*/*' })).body.toString(), page)
  })

  test('a missing asset is a 404, even for a navigation', async () => {
    assert.equal((await ask(port, '/assets/gone.js', { accept: 'text/html' })).status, 404)
    assert.equal((await ask(port, '/favicon.ico', { accept: 'image/*' })).status, 404)
  })

  test('source maps are for the error tracker, not for the public', async () => {
    assert.equal((await ask(port, '/assets/main-abc.js.map')).status, 404)
  })

  test('nothing outside the build is served', async () => {
    for (const path of [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/assets/..%2f..%2fsecret.txt',
      '/..%5csecret.txt',
      '//secret.txt',
    ]) {
      assert.equal((await ask(port, path)).status, 404, path)
    }
    assert.equal((await ask(port, '/%zz')).status, 400)
    assert.equal((await ask(port, 'http://elsewhere.example/')).status, 400)
    assert.equal((await ask(port, '/connect-origins.json')).status, 404)
    assert.equal((await ask(port, '/assets/main-abc.js.br')).status, 404)
  })

  test('other methods are refused', async () => {
    const answer = await ask(port, '/', {}, 'POST')
    assert.equal(answer.status, 405)
    assert.equal(answer.headers.allow, 'GET, HEAD')
  })

  test('the content security policy denies by default and allows the inline code of the page only', async () => {
    const policy = String((await ask(port, '/')).headers['content-security-policy'])
    assert.match(policy, /^default-src 'none'; /)
    assert.match(policy, /connect-src 'self' http:\/\/api\.example:4567;/)
    const hashOf = (code: string) => `'sha256-${createHash('sha256').update(code).digest('base64')}'`
    assert.ok(policy.includes(`; script-src 'self' ${hashOf('let a')}; style-src 'self' ${hashOf('b{}')}; `), policy)
    assert.doesNotMatch(policy, /unsafe/)
    assert.equal((await ask(port, '/')).headers['x-content-type-options'], 'nosniff')
  })

  test('a folder without index.html is not a site', async () => {
    assert.equal(await readSite(pathToFileURL(`${folder}/dist/assets/`)), null)
    assert.equal(await readSite(pathToFileURL(`${folder}/nowhere/`)), null)
  })
})

describe('the proxy', () => {
  let answerWith: (request: IncomingMessage, response: ServerResponse) => void
  let backend: Server
  let server: Server
  let port: number
  before(async () => {
    backend = createServer((incoming, response) => answerWith(incoming, response))
    const backendPort = await listen(backend)
    server = createFrontendServer({ site, backendUrl: new URL(`http://localhost:${backendPort}`), isTls: false })
    port = await listen(server)
  })
  after(async () => {
    await end(server)
    await end(backend)
  })

  test('a request and its answer pass unchanged', async () => {
    answerWith = async (incoming, response) => {
      response.writeHead(201, {
        'set-cookie': ['a=1', 'b=2'],
        'server-timing': 'total;dur=1',
        'content-type': 'application/json',
      })
      response.end(
        JSON.stringify({
          url: incoming.url,
          method: incoming.method,
          headers: incoming.headers,
          body: await text(incoming),
        }),
      )
    }
    const answer = await fetch(`http://127.0.0.1:${port}/api/things?x=%2F1`, {
      method: 'POST',
      body: '{"a":1}',
      headers: {
        'content-type': 'application/json',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      },
    })
    const seen = await answer.json()
    assert.equal(answer.status, 201)
    assert.deepEqual(answer.headers.getSetCookie(), ['a=1', 'b=2'])
    assert.match(answer.headers.get('server-timing') ?? '', /^total;dur=1, proxy;dur=\d+\.\d\d$/)
    assert.equal(seen.url, '/api/things?x=%2F1')
    assert.equal(seen.method, 'POST')
    assert.equal(seen.body, '{"a":1}')
    assert.equal(seen.headers.traceparent, '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')
  })

  test('the proxy sets the forwarding headers itself and drops hop-by-hop headers', async () => {
    answerWith = (incoming, response) => {
      response.writeHead(200, {
        connection: 'x-private',
        'x-private': '1',
        'keep-alive': 'timeout=99',
        'x-public': '1',
      })
      response.end(JSON.stringify(incoming.headers))
    }
    const answer = await ask(port, '/relay/v1/traces', {
      'x-forwarded-for': '6.6.6.6',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'evil.example',
      forwarded: 'for=6.6.6.6',
      'x-real-ip': '6.6.6.6',
      connection: 'close, x-hop',
      'x-hop': '1',
      te: 'trailers',
      'proxy-authorization': 'Basic eA==',
    })
    const seen = JSON.parse(answer.body.toString())
    assert.equal(seen['x-forwarded-for'], '127.0.0.1')
    assert.equal(seen['x-forwarded-proto'], 'http')
    assert.equal(seen['x-forwarded-host'], `127.0.0.1:${port}`)
    for (const name of ['forwarded', 'x-real-ip', 'x-hop', 'te', 'proxy-authorization'])
      assert.equal(seen[name], undefined, name)
    assert.equal(answer.headers['x-private'], undefined)
    assert.equal(answer.headers['x-public'], '1')
  })

  for (const [which, path, length] of [
    ["the backend's refusal", '/relay/v1/traces', 200_000],
    ['the refusal of an upload that is too large', '/relay/v1/traces', 10_000_000],
  ] as const)
    test(`${which} reaches a client with a stalled upload, and then the connection closes`, async () => {
      answerWith = (_, response) => {
        response.writeHead(413, { connection: 'close' }).end('{"code":"payload_too_large"}')
      }
      const stalled = request({
        port,
        host: '127.0.0.1',
        path,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': length },
      })
      stalled.on('error', () => {})
      stalled.write('{')
      const [answer] = (await once(stalled, 'response')) as [IncomingMessage]
      assert.equal(answer.statusCode, 413)
      assert.equal(JSON.parse(await text(answer)).code, 'payload_too_large')
      await once(stalled, 'close')
    })

  test('an upload that is too large is refused before its first byte, without asking the backend', async () => {
    answerWith = () => assert.fail('the backend was asked')
    const stalled = request({ port, host: '127.0.0.1', path: '/relay/v1/traces', method: 'POST' })
    stalled.setHeader('content-length', 10_000_000)
    stalled.on('error', () => {}).flushHeaders()
    const [answer] = (await once(stalled, 'response')) as [IncomingMessage]
    assert.equal(answer.statusCode, 413)
    stalled.destroy()
  })

  test('a stream is passed on chunk by chunk', async () => {
    let say: ServerResponse | undefined
    answerWith = (_, response) => {
      say = response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.flushHeaders()
    }
    const answer = await fetch(`http://127.0.0.1:${port}/api/events`)
    const words = (answer.body as ReadableStream<Uint8Array>).getReader()
    for (const word of ['data: one\n\n', 'data: two\n\n']) {
      say?.write(word)
      assert.equal(Buffer.from((await words.read()).value ?? []).toString(), word)
    }
    await words.cancel()
  })

  test('a silent event stream stays open, and its next event arrives', async () => {
    const timeoutMs = 100
    const quick = createFrontendServer({
      site,
      backendUrl: new URL(`http://localhost:${(backend.address() as AddressInfo).port}`),
      isTls: false,
      silentBackendMs: timeoutMs,
    })
    const quickPort = await listen(quick)
    let stream: ServerResponse | undefined
    answerWith = (incoming, response) => {
      if (incoming.url === '/api/silent') return
      stream = response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('retry: 1000\n\n')
    }
    assert.equal((await ask(quickPort, '/api/silent')).status, 503)
    const openStream = () => fetch(`http://127.0.0.1:${quickPort}/api/events`)
    let answer = await openStream()
    // A busy machine may not begin the answer in time.
    while (answer.status === 503) answer = await openStream()
    const words = (answer.body as ReadableStream<Uint8Array>).getReader()
    await words.read()
    await delay(5 * timeoutMs)
    stream?.write('data: {}\n\n')
    assert.equal(Buffer.from((await words.read()).value ?? []).toString(), 'data: {}\n\n')

    stream?.end()
    assert.equal((await words.read()).done, true, 'the stream ends when the backend ends it')
    await end(quick)
  })

  test('when the client leaves, its request to the backend is cancelled', async () => {
    const gone = Promise.withResolvers<void>()
    const arrived = Promise.withResolvers<void>()
    answerWith = (_, response) => {
      response.once('close', gone.resolve)
      arrived.resolve()
    }
    const leaving = new AbortController()
    const asked = fetch(`http://127.0.0.1:${port}/api/slow`, { signal: leaving.signal })
    await arrived.promise
    leaving.abort()
    await assert.rejects(asked, { name: 'AbortError' })
    await gone.promise
  })

  test('the chunked body of a DELETE cannot pass as another request', async () => {
    const urls: string[] = []
    answerWith = async (incoming, response) => {
      urls.push(`${incoming.method} ${incoming.url}`)
      response.end(await text(incoming))
    }
    const smuggled = 'GET /api/smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
    const socket = connect(port, '127.0.0.1')
    socket.write(
      `DELETE /api/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`,
    )
    assert.match(await text(socket), /^HTTP\/1\.1 200 /)
    await ask(port, '/api/next')
    assert.deepEqual(urls, ['DELETE /api/x', 'GET /api/next'])
  })

  test('/rollbar/test is the only path outside /api and /relay that is passed on', async () => {
    answerWith = (_, response) => response.end('reached')
    for (const path of ['/rollbar/test', '/rollbar/test?x=1']) {
      assert.equal((await ask(port, path)).body.toString(), 'reached', path)
    }
    for (const path of ['/rollbar/tests', '/rollbar/test/x', '/rollbar/', '/hops/v1/traces']) {
      assert.equal((await ask(port, path)).status, 404, path)
    }
  })

  test('one address may have 32 requests waiting, and other addresses are still served', async () => {
    const held: ServerResponse[] = []
    answerWith = (incoming, response) => {
      if (incoming.url === '/api/held') held.push(response)
      else response.end('fine')
    }
    const statuses: number[] = []
    const asked = Array.from({ length: 40 }, async () => {
      const from = { port, host: '127.0.0.1', localAddress: '127.0.0.2', path: '/api/held', agent: false }
      const [answer] = (await once(request(from).end(), 'response')) as [IncomingMessage]
      statuses.push(answer.resume().statusCode ?? 0)
    })
    while (statuses.length < 8 || held.length < 32) await delay(5)
    assert.deepEqual(statuses, Array(8).fill(429))
    assert.equal((await ask(port, '/api/other')).body.toString(), 'fine')
    for (const response of held) response.end()
    await Promise.all(asked)
    assert.deepEqual(statuses.slice(8), Array(32).fill(200))
  })

  test('dot segments cannot escape the paths that are passed on', async () => {
    answerWith = (_, response) => response.end('reached')
    for (const path of ['/api/../admin', '/api/%2e%2e/admin', '/api/..', '/api/..%2fadmin', '/relay/..\\admin']) {
      assert.equal((await ask(port, path)).status, 400, path)
    }
    assert.equal((await ask(port, '/api/v1..2/a.b')).status, 200)
  })

  test('an answer that the backend cuts off is cut off for the client too', async () => {
    answerWith = (_, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('half', () => response.destroy())
    }
    await assert.rejects(fetch(`http://127.0.0.1:${port}/api/half`).then((answer) => answer.text()))
  })
})

test('without a backend the answer is a 503 with the error body of the API', async () => {
  const closed = createServer()
  const freePort = await listen(closed)
  await end(closed)
  const server = createFrontendServer({ site, backendUrl: new URL(`http://localhost:${freePort}`), isTls: false })
  const port = await listen(server)
  const answer = await ask(port, '/api/session')
  assert.equal(answer.status, 503)
  assert.equal(answer.headers['retry-after'], '1')
  assert.deepEqual(JSON.parse(answer.body.toString()), {
    code: 'unavailable',
    message: 'Cruddur cannot be reached right now.',
    traceId: null,
  })
  await end(server)
})

test('a read is repeated when the backend closed the kept-alive connection', async () => {
  let answered = 0
  const backend = createServer((incoming, response) => {
    answered += 1
    if (answered === 2) incoming.socket.destroy()
    else response.end('fine')
  })
  const server = createFrontendServer({
    site,
    backendUrl: new URL(`http://localhost:${await listen(backend)}`),
    isTls: false,
  })
  const port = await listen(server)
  assert.equal((await ask(port, '/api/a')).body.toString(), 'fine')
  assert.equal((await ask(port, '/api/b')).body.toString(), 'fine')
  assert.equal(answered, 3)
  await end(server)
  await end(backend)
})

describe('limits for one client', () => {
  let produced = 0
  const chunk = Buffer.alloc(64 * 1024)
  async function* endless() {
    for (; produced < 200_000_000; produced += chunk.length) yield chunk
  }
  const open = new Set<Socket>()
  let running = 0
  let mostRunning = 0
  let backend: Server
  let server: Server
  let port: number
  const serve = async (answerMs: number) => {
    const backendUrl = new URL(`http://localhost:${(backend.address() as AddressInfo).port}`)
    const limits = { perNetwork: 20, pipelined: 4, silentMs: 60_000, answerMs }
    const made = createFrontendServer({ site, backendUrl, isTls: false, limits })
    return { server: made, port: await listen(made) }
  }

  before(async () => {
    backend = createServer((incoming, response) => {
      if (incoming.url === '/api/endless') return void pipeline(endless, response).catch(() => {})
      mostRunning = Math.max(mostRunning, ++running)
      setTimeout(() => {
        running--
        response.end(incoming.url)
      }, 20)
    })
    await listen(backend)
    ;({ server, port } = await serve(60_000))
  })
  after(async () => {
    await end(server)
    await end(backend)
  })
  afterEach(async () => {
    const closed = [...open].map((socket) => socket.closed || once(socket.destroy(), 'close'))
    await Promise.all(closed)
    open.clear()
  })

  const openFrom = (localAddress: string, to = port): Socket => {
    const socket = connect({ port: to, host: '127.0.0.1', localAddress })
    open.add(socket)
    return socket.on('error', () => {})
  }

  test('one address has a limited number of connections, and others still get in', async () => {
    const sockets = Array.from({ length: 30 }, () => openFrom('127.0.0.2').resume())
    const closed = await Promise.all(sockets.slice(20).map((socket) => once(socket, 'close')))
    assert.equal(closed.length, 10)
    assert.equal(sockets.filter((socket) => socket.closed).length, 10)
    assert.equal((await ask(port, '/')).status, 200)
    for (const socket of sockets) socket.destroy()
    let answer = ''
    while (answer === '') {
      const next = openFrom('127.0.0.2')
      next.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
      answer = await text(next).catch(() => '')
    }
    assert.match(answer, /^HTTP\/1\.1 200/, 'closed connections make room')
  })

  test('pipelined requests are answered in order, one at a time', async () => {
    mostRunning = 0
    const socket = openFrom('127.0.0.1')
    const one = (path: string, close = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${close}\r\n`
    socket.write(one('/api/1') + one('/api/2') + one('/api/3', 'Connection: close\r\n'))
    const answers = (await text(socket)).match(/\/api\/\d/g)
    assert.deepEqual(answers, ['/api/1', '/api/2', '/api/3'])
    assert.equal(mostRunning, 1)
  })

  test('a connection with too many unanswered requests is closed', async () => {
    const socket = openFrom('127.0.0.1').resume()
    socket.write('GET /api/x HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(100))
    await once(socket, 'close')
    assert.ok(socket.bytesRead < 10_000)
  })

  test('a client that does not read slows the backend down and is disconnected', async () => {
    const strict = await serve(500)
    const socket = openFrom('127.0.0.1', strict.port).pause()
    socket.write('GET /api/endless HTTP/1.1\r\nHost: x\r\n\r\n')
    const connections = () =>
      new Promise<number>((resolve) => strict.server.getConnections((_, count = 0) => resolve(count)))
    while ((await connections()) === 0) await delay(10)
    while ((await connections()) > 0) await delay(10)
    assert.ok(produced > 0 && produced < 50_000_000, `${produced} bytes were read from the backend`)
    await end(strict.server)
  })
})
