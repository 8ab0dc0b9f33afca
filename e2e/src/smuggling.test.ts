import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { eventually } from './eventually.ts'
import { type Product, startProduct } from './product.ts'

let product: Product
before(async () => {
  product = await startProduct({ env: { OTEL_TRACES_EXPORTER: 'none', LOG_FORMAT: 'json' } })
})
after(() => product?.stop())

/** A request hidden in others, which must never reach the backend as a request. */
const hidden = 'GET /api/activities/@smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
const inChunks = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`

const head = (start: string, ...headers: string[]): string => `${[start, 'Host: x', ...headers].join('\r\n')}\r\n\r\n`
const get = 'GET /api/activities/home HTTP/1.1'
const remove = 'DELETE /api/nowhere HTTP/1.1'
const post = 'POST /api/activities/home HTTP/1.1'
const signIn = 'POST /api/session HTTP/1.1'
const ownPage = 'Sec-Fetch-Site: same-origin'
const contentLength = `Content-Length: ${hidden.length}`
const chunked = 'Transfer-Encoding: chunked'
const json = 'Content-Type: application/json'

type Case = readonly [name: string, bytes: string, answers: readonly number[]]

const groups: Record<string, readonly Case[]> = {
  'Connection names a header that frames the request': [
    ['content-length, GET', head(get, 'Connection: keep-alive, content-length', contentLength) + hidden, [400]],
    ['content-length, DELETE', head(remove, 'Connection: keep-alive, content-length', contentLength) + hidden, [400]],
    ['content-length, POST', head(post, 'Connection: content-length', contentLength, json) + hidden, [400]],
    [
      'content-length in capitals and tabs',
      head(get, 'Connection:\tclose\t,\tCONTENT-LENGTH\t', contentLength) + hidden,
      [400],
    ],
    [
      'content-length in a second Connection',
      head(get, 'Connection: keep-alive', 'Connection: content-length', contentLength) + hidden,
      [400],
    ],
    ['content-length between empty names', head(get, 'Connection: ,,content-length,,', contentLength) + hidden, [400]],
    ['transfer-encoding, GET', head(get, 'Connection: transfer-encoding', chunked) + inChunks, [400]],
    ['transfer-encoding, DELETE', head(remove, 'Connection: keep-alive, Transfer-Encoding', chunked) + inChunks, [400]],
    ['host', head(get, 'Connection: host'), [400]],
    [
      'Proxy-Connection names it, which frames nothing',
      head(get, 'Proxy-Connection: content-length', contentLength) + hidden,
      [200],
    ],
  ],
  'a body stays a body, even with a method that needs no body': [
    ['GET by length', head(get, contentLength) + hidden, [200]],
    ['GET in chunks', head(get, chunked) + inChunks, [200]],
    ['HEAD by length', head('HEAD /api/activities/home HTTP/1.1', contentLength) + hidden, [200]],
    ['OPTIONS by length', head('OPTIONS /api/activities/home HTTP/1.1', contentLength) + hidden, [404]],
    ['DELETE by length', head(remove, contentLength) + hidden, [404]],
    ['DELETE in chunks', head(remove, chunked) + inChunks, [404]],
  ],
  'two framings in one request': [
    ['CL.TE', head(post, contentLength, chunked, json) + inChunks, [400]],
    ['TE.CL', head(post, chunked, 'Content-Length: 4', json) + inChunks, [400]],
    ['CL.TE, GET', head(get, contentLength, chunked) + inChunks, [400]],
    ['lengths that differ', head(get, contentLength, 'Content-Length: 0') + hidden, [400]],
    ['the same length twice', head(get, contentLength, contentLength) + hidden, [400]],
    ['a list of lengths', head(get, `${contentLength}, ${hidden.length}`) + hidden, [400]],
    [
      'HTTP/1.0 in chunks',
      head('GET /api/activities/home HTTP/1.0', 'Connection: keep-alive', chunked) + inChunks,
      [400],
    ],
  ],
  'a transfer coding that is not exactly chunked': [
    ['unknown', head(post, 'Transfer-Encoding: xchunked', json) + inChunks, [501]],
    ['unknown in a second header', head(post, chunked, 'Transfer-Encoding: x', json) + inChunks, [400]],
    ['unknown in a first header', head(post, 'Transfer-Encoding: x', chunked, json) + inChunks, [501]],
    ['gzip before it', head(get, 'Transfer-Encoding: gzip, chunked') + inChunks, [501]],
    ['identity after it', head(get, 'Transfer-Encoding: chunked, identity') + inChunks, [400]],
    ['twice', head(get, 'Transfer-Encoding: chunked, chunked') + inChunks, [400]],
    ['quoted', head(get, 'Transfer-Encoding: "chunked"') + inChunks, [501]],
    ['a space before the colon', head(get, 'Transfer-Encoding : chunked') + inChunks, [400]],
    ['a vertical tab', head(get, 'Transfer-Encoding:\x0bchunked') + inChunks, [400]],
    ['capitals', head(get, 'TRANSFER-ENCODING: CHUNKED') + inChunks, [200]],
  ],
  'an invalid length': [
    ...['+52', '-1', '0x34', '5 2', '1e2', '99999999999999999999', ''].map(
      (length): Case => [JSON.stringify(length), head(get, `Content-Length: ${length}`) + hidden, [400]],
    ),
  ],
  'invalid chunks': [
    ...['0x34', '-34', ' 34', 'fffffffffffffffff', '', 'g', '34;\n', '3 4'].map(
      (size): Case => [JSON.stringify(size), `${head(get, chunked)}${size}\r\n${hidden}\r\n0\r\n\r\n`, [400]],
    ),
    ['more data than the size says', `${head(get, chunked)}1\r\n${hidden}\r\n0\r\n\r\n`, [400]],
    ['line feeds only', `${head(get, chunked)}${hidden.length.toString(16)}\n${hidden}\n0\n\n`, [400]],
    [
      'an extension, which is ignored',
      `${head(get, chunked)}${hidden.length.toString(16)};a="b"\r\n${hidden}\r\n0\r\n\r\n`,
      [200],
    ],
    ['an extension without end', `${head(get, chunked)}1;${'a'.repeat(20_000)}\r\n${hidden}\r\n0\r\n\r\n`, [413]],
  ],
  'invalid lines and headers': [
    ['a folded header', head(get, 'X-Fold: a', ` ${chunked}`) + inChunks, [400]],
    ['a folded framing', head(get, 'Transfer-Encoding:', ' chunked') + inChunks, [400]],
    ['line feeds only', head(get, contentLength).replaceAll('\r\n', '\n') + hidden, [400]],
    ['a carriage return inside', head(get, `X-A: a\rContent-Length: ${hidden.length}`) + hidden, [400]],
    ['a line feed inside', head(get, `X-A: a\nContent-Length: ${hidden.length}`) + hidden, [400]],
    ['a null inside', head(get, 'X-A: a\0b', contentLength) + hidden, [400]],
    ['no colon', head(get, 'X-A', contentLength) + hidden, [400]],
    ['two hosts', head(get, 'Host: y'), [400]],
    ['no host', `${get}\r\n\r\n`, [400]],
  ],
  'request lines': [
    ['an absolute address', head('GET http://evil.example/api/activities/home HTTP/1.1'), [400]],
    ['CONNECT', head('CONNECT evil.example:80 HTTP/1.1'), []],
    ['a space in the path', head('GET /api/activities/home /x HTTP/1.1'), [400]],
    ['an unknown method', head('SMUGGLE /api/activities/home HTTP/1.1'), [400]],
    ['HTTP/0.9', 'GET /api/activities/home\r\n\r\n', [400]],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400]],
    ['HTTP/1.2', head('GET /api/activities/home HTTP/1.2'), [400]],
  ],
  'protocols on top': [
    ['an upgrade', head(get, 'Connection: upgrade', 'Upgrade: websocket', contentLength) + hidden, [200]],
    [
      'an upgrade to h2c',
      head(get, 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'),
      [200],
    ],
    ['Expect', head(remove, 'Expect: 100-continue', contentLength) + hidden, [100, 404]],
    ['an unknown expectation', head(get, 'Expect: smuggling', contentLength) + hidden, [417]],
    ['a trailer', `${head(get, chunked)}1\r\na\r\n0\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n`, [200]],
    ['a trailer that frames', `${head(get, chunked)}1\r\na\r\n0\r\nContent-Length: 9\r\n\r\n`, [400]],
    [
      'HTTP/1.0 that stays',
      head('GET /api/activities/home HTTP/1.0', 'Connection: keep-alive', contentLength) + hidden,
      [200],
    ],
  ],
  'more than one request, or less': [
    ['three at once', head(get) + head(remove, contentLength) + hidden + head(get), [200, 404, 200]],
    ['one in the body of another', head(remove, contentLength) + hidden + head(get), [404, 200]],
    ['closed in the middle of a body', head(signIn, 'Content-Length: 1000', json, ownPage) + hidden, [400]],
    ['closed in the middle of a chunk', `${head(signIn, chunked, json, ownPage)}ff\r\n${hidden}`, [400]],
  ],
}

const victim = async (): Promise<number> => {
  const answer = await fetch(`${product.url}/api/activities/home`)
  assert.match(await answer.text(), /Cloud is very fun!/)
  return answer.status
}

/** Sends the bytes and reads the answers while other clients use the product. */
const converse = async (bytes: string, answers: number): Promise<number[]> => {
  const socket = connect({ port: Number(new URL(product.url).port), host: '127.0.0.1', allowHalfOpen: true })
  let said = ''
  const statuses = () => [...said.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
  socket.on('error', () => {}).on('data', (chunk) => (said += chunk.toString('latin1')))
  socket.write(bytes, 'latin1')
  if (bytes.startsWith(signIn)) socket.end()
  await eventually(() => socket.closed || socket.readableEnded || (answers > 0 && statuses().length >= answers))
  assert.deepEqual(await Promise.all([victim(), victim(), victim()]), [200, 200, 200])
  socket.destroy()
  return statuses()
}

for (const [group, cases] of Object.entries(groups))
  describe(group, () => {
    for (const [name, bytes, answers] of cases)
      test(name, async () => {
        assert.deepEqual(await converse(bytes, answers.length), answers)
      })
  })

test('no hidden request reached the backend', async () => {
  await fetch(`${product.url}/api/activities/@last`)
  await eventually(() => product.output().includes('@last'))
  assert.doesNotMatch(product.output(), /@smuggled/)
})
