import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, test } from 'node:test'

const key = 'hcxik_01jabcdefghijklmnopqrstuvwxyz'
const queryNames = ['Latency by user id', 'Frontend to backend network latency', 'Recent traces']
const all = (outcome) =>
  [
    'applying to: acme / laptop',
    ...queryNames.map((name) => `query “${name}”: ${outcome}`),
    `board “Cruddur”: ${outcome}`,
    '',
  ].join('\n')

let honeycomb

beforeEach(async () => {
  honeycomb = await standInForHoneycomb()
})
afterEach(() => honeycomb.close())

describe('npm run honeycomb:apply', () => {
  test('creates the queries and their board, then leaves them alone', async () => {
    assert.deepEqual(await run(), { code: 0, out: all('created'), err: '' })
    assert.deepEqual(
      honeycomb.annotations.map(({ name }) => name),
      queryNames,
    )
    const [board] = honeycomb.boards
    assert.deepEqual(
      new Set(board.panels.map(({ query_panel }) => query_panel.query_annotation_id)),
      new Set(honeycomb.annotations.map(({ id }) => id)),
    )

    honeycomb.written.length = 0
    assert.deepEqual(await run(), { code: 0, out: all('unchanged'), err: '' })
    assert.deepEqual(honeycomb.written, [])
  })

  test('restores a changed query, and shows the new one on the board', async () => {
    await run()
    const drifted = honeycomb.annotations[0]
    honeycomb.queries.get(drifted.query_id).filters.pop()
    const { code, out } = await run()
    assert.equal(code, 0)
    assert.match(out, /query “Latency by user id”: updated\n.*unchanged\n.*unchanged\nboard “Cruddur”: updated\n$/)
    assert.equal(honeycomb.annotations.length, 3)
    assert.ok(!honeycomb.annotations.includes(drifted))
    assert.ok(!JSON.stringify(honeycomb.boards).includes(drifted.id))
    assert.equal((await run()).out, all('unchanged'))
  })

  test('moves a panel of the board back to its place', async () => {
    await run()
    const { panels } = honeycomb.boards[0]
    const { position } = panels[1]
    panels[1].position = { ...position, y_coordinate: 20 }
    assert.match((await run()).out, /board “Cruddur”: updated\n$/)
    assert.deepEqual(honeycomb.boards[0].panels[1].position, position)
    assert.equal((await run()).out, all('unchanged'))
  })

  test('recognises a board whose panels come in another order, and without zeros', async () => {
    await run()
    const { panels } = honeycomb.boards[0]
    panels.reverse()
    for (const panel of panels)
      panel.position = Object.fromEntries(Object.entries(panel.position).filter(([, value]) => value !== 0))
    assert.equal((await run()).out, all('unchanged'))
  })

  test('restores a description without a new query', async () => {
    await run()
    honeycomb.annotations[1].description = 'something else'
    honeycomb.written.length = 0
    const { out } = await run()
    assert.match(out, /query “Frontend to backend network latency”: updated \(description\)/)
    assert.deepEqual(honeycomb.written, [`PUT /1/query_annotations/cruddur-frontend/${honeycomb.annotations[1].id}`])
    assert.match(honeycomb.annotations[1].description, /network/)
  })

  test('recognises a query that Honeycomb stored in another form', async () => {
    honeycomb.normalForm = (query) => ({ ...query, granularity: 864, filters: [...query.filters].reverse() })
    await run()
    const before = honeycomb.annotations.map(({ id }) => id)
    assert.equal((await run()).out, all('unchanged'))
    assert.deepEqual(
      honeycomb.annotations.map(({ id }) => id),
      before,
    )
  })

  test('with --dry-run says what it would do and writes nothing', async () => {
    assert.equal((await run('--dry-run')).out, all('would be created'))
    assert.deepEqual(honeycomb.written, [])
    await run()
    honeycomb.written.length = 0
    honeycomb.queries.get(honeycomb.annotations[2].query_id).limit = 5
    assert.match(
      (await run('--dry-run')).out,
      /query “Recent traces”: would be updated\nboard “Cruddur”: would be updated\n$/,
    )
    assert.deepEqual(honeycomb.written, [])
  })

  for (const [without, env, why] of [
    ['a key', { HONEYCOMB_API_KEY: '' }, /No Honeycomb key/],
    ['network', { HONEYCOMB_API_ENDPOINT: 'http://127.0.0.1:1' }, /Honeycomb cannot be reached/],
  ])
    test(`with --dry-run and without ${without}, shows the whole of each query and of the board`, async () => {
      const { code, out } = await run(env, '--dry-run')
      assert.equal(code, 0)
      const [first, ...rest] = out.trim().split('\n')
      assert.match(first, why)
      assert.equal(rest.length, 4)
      assert.match(rest[0], /^query “Latency by user id”: would be created or updated to \{.*"HEATMAP".*\}$/)
      assert.match(rest[3], /^board “Cruddur”: would be created or updated to \{.*\}$/)
    })

  test('says in one line that the key was refused, and does not print it', async () => {
    const { code, out, err } = await run({ HONEYCOMB_API_KEY: 'wrong' })
    assert.deepEqual([code, out], [1, ''])
    assert.equal(err, 'Honeycomb refused the key: unknown API key - check your credentials\n')
  })

  test('says which permission an ingest key lacks, before it asks for anything else', async () => {
    honeycomb.access = { events: true }
    const { code, err } = await run()
    assert.equal(code, 1)
    assert.match(
      err,
      /^The key lacks a permission: “Manage Queries and Columns” and “Manage Public Boards”\. .*ingest key cannot\.\n$/,
    )
    assert.deepEqual(honeycomb.paths, ['/1/auth'])
  })

  test('says that the first trace creates the dataset', async () => {
    honeycomb.datasets = []
    const { code, err } = await run()
    assert.equal(code, 1)
    assert.match(err, /^Honeycomb has no dataset cruddur-backend yet: .*\n$/)
  })

  test('repeats why Honeycomb did not accept a query', async () => {
    honeycomb.columns = new Set(['duration_ms'])
    const { code, err } = await run()
    assert.equal(code, 1)
    assert.match(err, /did not accept POST \/1\/queries\/cruddur-backend: app\.user_id: unknown column\. .*\n$/)
  })

  test('waits as long as Honeycomb asks when there were too many requests', async () => {
    for (const asked of [
      { 'retry-after': '1' },
      { 'retry-after': new Date(Date.now() + 1000).toUTCString() },
      { ratelimit: 'limit=1, remaining=0, reset=1' },
    ]) {
      honeycomb.tooMany = { times: 1, headers: asked }
      const { code, err } = await run()
      assert.deepEqual([code, err, honeycomb.tooMany.times], [0, '', 0], JSON.stringify(asked))
    }
  })

  test('does not wait longer than --timeout', async () => {
    honeycomb.tooMany = { times: 1, headers: { 'retry-after': '3600' } }
    const { code, err } = await run('--timeout', '60')
    assert.equal(code, 1)
    assert.match(err, /^Honeycomb asks to wait 3600 s \(too many requests\)/)
  })

  test('gives up when Honeycomb never answers, or never finishes its answer', async () => {
    for (const fault of ['hang', 'drip']) {
      honeycomb.fault = fault
      const { code, err } = await run('--timeout', '1')
      assert.deepEqual([code, err], [1, 'Honeycomb did not answer in time: try a longer --timeout.\n'], fault)
    }
  })

  test('says in one line that another server answers in place of Honeycomb', async () => {
    honeycomb.fault = 'html'
    assert.match((await run()).err, /^Honeycomb answered GET \/1\/auth with 502: an answer that is not Honeycomb's\n$/)
    honeycomb.fault = 'page'
    assert.match((await run()).err, /^Honeycomb answered GET \/1\/auth with 200: an answer that is not Honeycomb's\n$/)
    honeycomb.fault = 'redirect'
    assert.match((await run()).err, /^Honeycomb cannot be reached at .*redirect.*\n$/)
    await honeycomb.close()
    assert.match((await run()).err, /^Honeycomb cannot be reached at http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED.*\n$/)
    assert.equal((await run({ HONEYCOMB_API_KEY: '' })).err.split('\n').length, 2)
    assert.equal(
      (await run({ HONEYCOMB_API_ENDPOINT: 'honeycomb' })).err,
      'HONEYCOMB_API_ENDPOINT is not an address: honeycomb\n',
    )
  })
})

async function run(...args) {
  const env = typeof args[0] === 'object' ? args.shift() : {}
  const child = spawn(process.execPath, [new URL('apply.mjs', import.meta.url).pathname, ...args], {
    env: {
      PATH: process.env.PATH,
      HONEYCOMB_API_KEY: key,
      HONEYCOMB_API_ENDPOINT: `http://127.0.0.1:${honeycomb.port}`,
      ...env,
    },
  })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  assert.ok(!(out + err).includes(key), 'the key is in the output')
  return { code: child.exitCode, out, err }
}

/** The management API as Honeycomb documents it: a query cannot be changed or deleted, nor can an annotation take another query. */
async function standInForHoneycomb() {
  let serial = 0
  const id = () => `id${++serial}`
  const state = {
    access: { columns: true, boards: true, queries: true },
    datasets: ['cruddur-frontend', 'cruddur-backend'],
    columns: null,
    normalForm: (query) => query,
    queries: new Map(),
    annotations: [],
    boards: [],
    paths: [],
    written: [],
    tooMany: { times: 0 },
    fault: null,
  }

  const answer = (method, path, body) => {
    if (path === '/1/auth')
      return [200, { api_key_access: state.access, team: { slug: 'acme' }, environment: { slug: 'laptop' } }]
    const [, , kind, dataset, itemId] = path.split('/')
    if (kind === 'boards') return boards(method, dataset, body)
    if (dataset !== '__all__' && !state.datasets.includes(dataset)) return [404, { error: 'Dataset not found' }]
    if (kind === 'queries') return queries(method, itemId, body)
    if (kind === 'query_annotations') return annotations(method, dataset, itemId, body)
    return [404, { error: 'not found' }]
  }
  const queries = (method, itemId, body) => {
    if (method === 'GET') return [200, state.queries.get(itemId)]
    const unknown = body.breakdowns.find((column) => state.columns && !state.columns.has(column))
    if (unknown)
      return [
        422,
        {
          status: 422,
          type: 'https://api.honeycomb.io/problems/validation-failed',
          title: 'The provided input is invalid.',
          type_detail: [{ code: 'invalid', field: unknown, description: 'unknown column' }],
        },
      ]
    const created = { ...state.normalForm(body), id: id() }
    state.queries.set(created.id, created)
    return [200, created]
  }
  const annotations = (method, dataset, itemId, body) => {
    const there = state.annotations.find((annotation) => annotation.id === itemId)
    if (method === 'GET') return [200, state.annotations.filter((annotation) => annotation.dataset === dataset)]
    if (method === 'POST') {
      state.annotations.push({ ...body, dataset, id: id() })
      return [201, state.annotations.find((annotation) => annotation.query_id === body.query_id)]
    }
    if (!there) return [404, { error: 'not found' }]
    if (method === 'DELETE') {
      state.annotations = state.annotations.filter((annotation) => annotation !== there)
      return [204]
    }
    if (body.query_id !== there.query_id) return [422, { error: 'query_id cannot be changed' }]
    return [200, Object.assign(there, body)]
  }
  const boards = (method, itemId, body) => {
    if (method === 'GET') return [200, state.boards]
    if (method === 'POST') return [201, state.boards[state.boards.push({ ...body, id: id() }) - 1]]
    return [
      200,
      Object.assign(
        state.boards.find((board) => board.id === itemId),
        body,
      ),
    ]
  }

  const server = createServer(async (request, response) => {
    const body = await text(request)
    state.paths.push(request.url)
    const send = (status, content, headers = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers })
      response.end(content === undefined ? undefined : JSON.stringify(content))
    }
    if (state.fault === 'hang') return
    if (state.fault === 'html')
      return response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>')
    if (state.fault === 'page') return response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>')
    if (state.fault === 'redirect') return send(302, undefined, { location: 'http://127.0.0.1:9/' })
    if (state.fault === 'drip') {
      response.writeHead(200, { 'content-type': 'application/json' })
      const drip = setInterval(() => response.write(' '), 100)
      response.once('close', () => clearInterval(drip))
      return
    }
    if (request.headers['x-honeycomb-team'] !== key)
      return send(401, { error: 'unknown API key - check your credentials' })
    if (state.tooMany.times > 0) {
      state.tooMany.times--
      const problem = {
        status: 429,
        type: 'https://api.honeycomb.io/problems/rate-limited',
        title: 'Too many requests',
      }
      return send(429, problem, state.tooMany.headers)
    }
    if (request.method !== 'GET') state.written.push(`${request.method} ${request.url}`)
    send(...answer(request.method, request.url, body && JSON.parse(body)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return Object.assign(state, {
    port: server.address().port,
    close: async () => {
      if (!server.listening) return
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  })
}
