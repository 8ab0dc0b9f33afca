import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { visitIdOf } from '@cruddur/wire/visit'
import { runOn } from './database.ts'
import { eventually } from './eventually.ts'
import { type FourVendors, startFourVendors, untilAllIsSampled } from './four-vendors.ts'
import { type Product, startProduct } from './product.ts'

/** Every secret starts with this; the rest says where it was put. */
const secret = (place: string): string => `s3cr3t${place}`
const control = 'ofnosecrecy'
/** A visit's secret has no place for a word, so this one is looked for by itself. */
const visit = '5ec2e75ec2e75ec2e75ec2e75ec2e700'

let vendors: FourVendors
let product: Product
let session: string

before(async () => {
  vendors = await startFourVendors()
  product = await startProduct({ env: vendors.env })
  await runOn(product.databaseUrl, brokenCruds)
  await untilAllIsSampled(vendors, product.backendUrl)
  const answer = await fetch(`${product.url}/api/session/demo`, {
    method: 'POST',
    body: '{"handle":"worf"}',
    headers: { 'content-type': 'application/json' },
  })
  session = answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
})

after(async () => {
  await product?.stop()
  await vendors?.stop()
})

/** PostgreSQL quotes values in its errors, each kind of error in its own way. */
const failures = {
  cast: `PERFORM '${secret('Cast')}'::uuid`,
  number: `PERFORM '${secret('Number')}'::integer`,
  date: `PERFORM '${secret('Date')}'::timestamptz`,
  json: `PERFORM '{"password": ${secret('Json')}}'::jsonb`,
  twice: `INSERT INTO users (handle, display_name) VALUES ('s3cr3t_twice', 'a'), ('s3cr3t_twice', 'b')`,
  check: `INSERT INTO users (handle, display_name) VALUES ('${secret('Check')}!', 'a')`,
  raise: `RAISE EXCEPTION 'password=${secret('Raised')} for ${secret('mail')}@example.com, Authorization: Bearer ${secret('Bearer')}'
            USING DETAIL = 'Key (mail)=(${secret('Detail')}) exists', HINT = '${secret('Hint')}'`,
} as const
const uuidOf = (nth: number): string => `00000000-0000-4000-8000-00000000000${nth}`
const brokenCruds = `
  CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    ${Object.values(failures)
      .map((failure, nth) => `IF NEW.activity_uuid = '${uuidOf(nth)}' THEN ${failure}; END IF;`)
      .join('\n')}
    RETURN NEW;
  END $$;
  CREATE TRIGGER fail BEFORE INSERT ON likes FOR EACH ROW EXECUTE FUNCTION fail();
  INSERT INTO activities (uuid, user_uuid, message, expires_at)
    SELECT ('00000000-0000-4000-8000-00000000000' || n)::uuid, (SELECT uuid FROM users LIMIT 1), 'broken', now() + interval '1 day'
      FROM generate_series(0, 9) AS n`

type Asked = { method?: string; headers?: Record<string, string>; body?: string }

const headersFull = (): Record<string, string> => ({
  authorization: `Bearer ${secret('Authorization')}`,
  'x-api-key': secret('ApiKey'),
  'proxy-authorization': `Basic ${secret('ProxyAuthorization')}`,
  referer: `http://elsewhere.example/?code=${secret('Referer')}`,
  baggage: `mail=${secret('Baggage')}`,
  'x-visit': visit,
  cookie: `${session}; other=${secret('Cookie')}`,
})

/** Asks through the page's server, as a browser does, and asks the backend directly. */
const ask = async (path: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<number[]> => {
  const statuses: number[] = []
  for (const origin of [product.url, product.backendUrl]) {
    const answer = await fetch(origin + path, {
      method,
      headers: { ...headersFull(), ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body }),
    })
    await answer.arrayBuffer()
    statuses.push(answer.status)
  }
  return statuses
}

const say = async (...lines: string[]): Promise<string> => {
  const socket = connect(Number(new URL(product.backendUrl).port), 'localhost')
  await once(socket, 'connect')
  socket.end(`${lines.join('\r\n')}\r\n\r\n`)
  return text(socket)
}

test('requests carry secrets in every place', async () => {
  const query = `token=${secret('Query')}&mail=${secret('mail')}@example.com&${secret('Bare')}`
  const twice = (status: number) => [status, status]
  const post = (path: string, body: string, headers = {}) => ask(path, { method: 'POST', body, headers })
  const like = `/api/activities/${uuidOf(9)}/like`

  assert.deepEqual(await ask('/api/activities/home?limit=5'), twice(200))
  assert.deepEqual(await post(like, '{}'), twice(200))
  assert.deepEqual(await ask(`/api/activities/home?${query}`), twice(400))
  assert.deepEqual(await ask(`/api/activities/home?limit=${secret('Limit')}`), twice(400))
  assert.deepEqual(
    await post('/api/session', `{"handle":"${secret('Handle')}!","password":"${secret('Password')}"}`),
    twice(400),
  )
  assert.deepEqual(await post('/api/session/demo', `{"handle":"s3cr3t_handle"}`), twice(404))
  // Signing in would end the session of the other requests.
  const alone = { cookie: `other=${secret('Cookie')}` }
  const credentials = `"handle":"canary","password":"${secret('Password')}"`
  const account = `{${credentials},"display_name":"${secret('Name')}","email":"${secret('mail')}@example.com"}`
  assert.deepEqual(await post('/api/signup', account, alone), [200, 409])
  assert.deepEqual(await post('/api/session', `{${credentials}}`, alone), twice(200))
  assert.deepEqual(await post('/api/session', `{"handle":"canary","password":"${secret('Guess')}"}`, alone), twice(401))
  assert.deepEqual(await post('/api/session', `{"password": "${secret('Malformed')}`), twice(400))
  assert.deepEqual(await post(like, `{"password": "${secret('Unknown')}"}`), twice(400))
  assert.deepEqual(await post(`${like}?${query}`, '{}', { cookie: `cruddur_session=${secret('Session')}` }), twice(401))
  assert.deepEqual(await ask(`/api/nothing-here?${query}`), twice(404))
  assert.deepEqual(await post(`/api/activities/%zz/like?${query}`, '{}'), twice(400))
  assert.deepEqual(await ask(`/rollbar/test?${query}`), twice(500))
  assert.deepEqual(await ask('/rollbar/test', { headers: { 'x-visit': secret('Visit') } }), twice(500))
  for (const nth of Object.keys(failures).keys()) {
    assert.deepEqual(await post(`/api/activities/${uuidOf(nth)}/like?${query}`, '{}'), twice(500), `${nth}`)
  }
  assert.match(await say('GET /api/x HTTP/1.1', `authorization ${secret('NoColon')}`), /^HTTP\/1\.1 400 /)
  assert.match(await say('GET /api/x HTTP/1.1', `x-visit ${visit}`), /^HTTP\/1\.1 400 /)
  assert.match(
    await say(
      `GET http://me:${secret('UserInfo')}@localhost/api/nothing?${query} HTTP/1.1`,
      'host: x',
      'connection: close',
    ),
    /^HTTP\/1\.1 4\d\d /,
  )
  assert.match(
    await say('GET /api/x HTTP/1.1', 'host: x', `cookie: ${secret('Long').repeat(4_000)}`),
    /^HTTP\/1\.1 431 /,
  )
})

const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } })
const list = (key: string, value: string) => ({ key, value: { arrayValue: { values: [{ stringValue: value }] } } })
const hex = (length: number): string =>
  Array.from({ length }, () => Math.floor(Math.random() * 16).toString(16)).join('')

const spanOf = (name: string, more: object = {}) => ({
  traceId: hex(32),
  spanId: hex(16),
  name,
  kind: 1,
  startTimeUnixNano: `${Date.now()}000000`,
  endTimeUnixNano: `${Date.now()}000000`,
  ...more,
})

const postSpans = (spans: object[], resource: object[] = []): Promise<Response> =>
  fetch(`${product.url}/relay/v1/traces`, {
    method: 'POST',
    headers: {
      ...headersFull(),
      'content-type': 'application/json',
      origin: product.url,
      'sec-fetch-site': 'same-origin',
    },
    body: JSON.stringify({
      resourceSpans: [{ resource: { attributes: resource }, scopeSpans: [{ scope: { name: 'x' }, spans }] }],
    }),
  })

test('a page sends spans with secrets in every attribute', async () => {
  const mail = `${secret('mail')}@example.com`
  const texts = [
    attribute('app.note', `password=${secret('Note')} of ${mail}`),
    attribute('app.mail', mail),
    attribute('app.password', secret('Password')),
    attribute('app.api_key', secret('ApiKey')),
    attribute('session.token', secret('SessionToken')),
    attribute('app.header', `x-visit: ${visit}`),
    list('app.headers', `['x-visit', '${visit}']`),
    attribute('user.email', mail),
    attribute('http.request.header.authorization', secret('HeaderAuthorization')),
    list('http.request.header.cookie', secret('HeaderCookie')),
    list('http.request.header.x-api-key', secret('HeaderApiKey')),
    list('http.response.header.set_cookie', secret('HeaderSetCookie')),
    list('app.list', `token=${secret('List')}`),
    attribute('http.request.body', secret('Body')),
    attribute('url.query', `token=${secret('UrlQuery')}`),
    attribute(
      'url.full',
      `http://me:${secret('UserInfo')}@localhost/x?token=${secret('UrlFull')}#${secret('Fragment')}`,
    ),
    attribute('url.path', `/x?token=${secret('UrlPath')}`),
    attribute('page.url', `/x?${secret('PageUrl')}`),
    attribute('page.route', `/x?token=${secret('PageRoute')}`),
    attribute('error.message', `Bearer ${secret('ErrorMessage')}`),
    attribute('exception.message', `${mail}: token=${secret('Exception')}`),
    attribute('exception.stacktrace', `Error: ${mail}\n at f (http://localhost/x.js?token=${secret('Stack')}:1:1)`),
  ]
  const event = { name: 'exception', timeUnixNano: `${Date.now()}000000`, attributes: texts }
  const answer = await postSpans(
    [
      spanOf(`click ${control}`),
      spanOf(`click ${mail}`),
      spanOf(`GET /x?token=${secret('Name')}`),
      spanOf(`click ${control} of attributes`, {
        attributes: texts,
        events: [event, { ...event, name: `event of ${mail}` }],
        links: [{ traceId: hex(32), spanId: hex(16), attributes: texts, traceState: `a=${secret('LinkState')}` }],
        status: { code: 2, message: `password=${secret('Status')} of ${mail}` },
        traceState: `a=${secret('State')}`,
      }),
    ],
    [
      ...texts,
      attribute('service.version', `token=${secret('Version')}`),
      attribute('browser.language', mail),
      attribute('user_agent.original', `x ${mail}`),
    ],
  )
  assert.equal(answer.status, 200)
  assert.deepEqual(await answer.json(), {})

  const malformed = await fetch(`${product.url}/relay/v1/traces`, {
    method: 'POST',
    headers: {
      ...headersFull(),
      'content-type': 'application/json',
      origin: product.url,
      'sec-fetch-site': 'same-origin',
    },
    body: `{"resourceSpans": [{"password": "${secret('Malformed')}`,
  })
  assert.equal(malformed.status, 400)

  const many = Array.from({ length: 500 }, () => spanOf(`click ${control}`))
  const statuses: number[] = []
  while (!statuses.includes(429) && statuses.length < 10) {
    statuses.push((await postSpans([...many, spanOf(`click ${mail}`)])).status)
  }
  assert.ok(statuses.includes(429))
})

test('no secret reaches a vendor or stdout', async () => {
  const heard = () =>
    vendors.items.length >= 2 && vendors.honeycomb.spans.some(({ name }) => name === `click ${control}`)
  await eventually(heard)
  // Stopping sends what is still queued.
  await product.stop()

  const told = { ...vendors.everything(), stdout: product.output() }
  for (const [where, all] of Object.entries(told)) {
    const found = [...all.matchAll(/.{0,60}s3cr3t\w*/g)].map(([match]) => match.replace(/[^\x20-\x7e]+/g, '·'))
    assert.deepEqual([...new Set(found)], [], `${found.length} in ${where}`)
    assert.ok(!all.includes(vendors.env.ROLLBAR_ACCESS_TOKEN ?? ''), `our own token in ${where}`)
    assert.ok(!all.includes(visit), `the secret of the visit in ${where}`)
  }

  // Each vendor received the requests, so a missing secret means something.
  for (const where of ['spans', 'segments', 'items', 'lines', 'records', 'stdout'] as const)
    assert.ok(told[where].includes(String(visitIdOf(visit))), `the id of the visit in ${where}`)
  assert.match(told.spans, new RegExp(control))
  assert.match(told.segments, new RegExp(control))
  for (const all of [told.spans, told.segments]) assert.match(all, /invalid input syntax for type uuid/)
  assert.match(told.items, /invalid input syntax for type uuid/)
  assert.match(told.records, /a request failed/)
  assert.match(told.metrics, /http\.server\.request\.duration/)
  for (const all of [told.lines, told.stdout]) {
    for (const status of [200, 400, 401, 404, 500]) assert.match(all, new RegExp(`"status\\\\*":${status}\\b`))
    assert.match(all, /nothing-here/)
  }
})
