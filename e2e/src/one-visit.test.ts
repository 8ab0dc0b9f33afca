import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { visitIdOf } from '@cruddur/wire/visit'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchBrowser } from './browser.ts'
import type { CollectedSpan } from './collector.ts'
import { eventually } from './eventually.ts'
import { actAs, likeButtonOf, openSignals } from './feed.ts'
import { type FourVendors, startFourVendors, untilAllIsSampled } from './four-vendors.ts'
import { type Product, startProduct } from './product.ts'

/** What the browser really sent from one tab. */
type Tab = { page: Page; secret: string; id: string; traceIds: Set<string> }

let vendors: FourVendors
let product: Product
let browser: Browser
let tabs: [Tab, Tab]

const openTab = async (context: BrowserContext): Promise<Tab> => {
  const page = await context.newPage()
  const [secrets, traceIds] = [new Set<string>(), new Set<string>()]
  page.on('request', (request) => {
    const { traceparent, 'x-visit': secret } = request.headers()
    const isExport = request.url().includes('/relay/')
    assert.equal(secret !== undefined, traceparent !== undefined || isExport, request.url())
    if (secret !== undefined) secrets.add(secret)
    if (traceparent !== undefined) traceIds.add(String(traceparent.split('-')[1]))
  })
  await page.goto(product.url)
  await page.getByRole('article').first().waitFor()
  const [secret = ''] = secrets
  assert.equal(secrets.size, 1)
  assert.match(secret, /^[0-9a-f]{32}$/)
  return { page, secret, id: String(visitIdOf(secret)), traceIds }
}

const like = async ({ page }: Tab, author: string): Promise<void> => {
  const answered = page.waitForResponse((response) => response.url().endsWith('/like'))
  await likeButtonOf(page, author).click()
  await answered
}

const breakServer = async ({ page }: Tab): Promise<void> => {
  await openSignals(page)
  await page.getByRole('button', { name: 'Break the server' }).click()
  await page.locator('.break-outcome .reference code').waitFor()
}

before(async () => {
  vendors = await startFourVendors()
  product = await startProduct({ env: vendors.env })
  await untilAllIsSampled(vendors, product.backendUrl)
  browser = await launchBrowser()
  const context = await browser.newContext()
  const first = await openTab(context)
  await actAs(first.page, 'Worf')
  tabs = [first, await openTab(context)]
  await like(tabs[0], 'Garek')
  await like(tabs[1], 'Andrew Brown')
  await breakServer(tabs[0])
  await breakServer(tabs[1])
})

after(async () => {
  await browser?.close()
  await product?.stop()
  await vendors?.stop()
})

const xrayIdOf = (traceId: string): string => `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`
const isOfServer = ({ service }: CollectedSpan): boolean => service !== 'cruddur-frontend'
const sorted = (ids: Iterable<unknown>): unknown[] => [...ids].map(String).sort()

/** The whole trace without other users' pages, which a delivery tells about the click. */
const withoutDeliveries = (spans: readonly CollectedSpan[]): CollectedSpan[] => {
  const deliveries = new Set(spans.filter(({ name }) => name === 'live.deliver').map(({ spanId }) => spanId))
  const isBelow = (span: CollectedSpan | undefined): boolean =>
    span !== undefined &&
    (deliveries.has(span.spanId) || isBelow(spans.find(({ spanId }) => spanId === span.parentSpanId)))
  return spans.filter((span) => !isBelow(span))
}

/** Everything at the vendors under this id, as a person would search for it. */
const foundBy = (id: string) => ({
  spans: vendors.honeycomb.spans.filter(({ attributes }) => attributes['session.id'] === id),
  segments: vendors
    .nodes()
    .filter(({ document }) => (document.annotations as Record<string, unknown> | undefined)?.session_id === id),
  items: vendors.items.filter(({ custom }) => custom.session_id === id),
  lines: vendors.lines().filter((line) => line.session_id === id),
  records: vendors.honeycomb.logRecords.filter(({ attributes }) => attributes['session.id'] === id),
})

const ofTraces = (traceIds: ReadonlySet<string>) => {
  const isOne = (traceId: unknown) => traceIds.has(String(traceId))
  const spans = withoutDeliveries(vendors.honeycomb.spans.filter(({ traceId }) => isOne(traceId)))
  return {
    spans: spans.filter(isOfServer),
    items: vendors.items.filter(({ custom }) => isOne(custom.trace_id)),
    lines: vendors.lines().filter((line) => isOne(line.trace_id)),
    records: vendors.honeycomb.logRecords.filter(({ traceId }) => isOne(traceId)),
  }
}

test('one id finds all that one tab did at all four vendors, and nothing else', async (t) => {
  const [one, other] = tabs
  assert.notEqual(one.id, other.id, 'two tabs are two visits')
  for (const { id, traceIds } of tabs) {
    const isComplete = () => {
      const { spans, items, lines } = ofTraces(traceIds)
      const nodes = new Set(vendors.nodes().map((node) => node.id))
      return (
        items.length > 0 &&
        [...traceIds].every((traceId) => spans.some((span) => span.traceId === traceId)) &&
        [...traceIds].every((traceId) => lines.some((line) => line.trace_id === traceId)) &&
        foundBy(id).spans.some(({ name }) => name === 'click break the server') &&
        foundBy(id).spans.every(({ spanId }) => nodes.has(spanId))
      )
    }
    await eventually(isComplete)
    const [found, expected] = [foundBy(id), ofTraces(traceIds)]
    const idsOf = (spans: readonly CollectedSpan[]) => sorted(spans.map(({ spanId }) => spanId))
    assert.deepEqual(idsOf(found.spans.filter(isOfServer)), idsOf(expected.spans), 'server spans')
    const names = new Set(found.spans.map(({ name }) => name))
    for (const name of ['click like', 'POST /api/*', 'activity.like', 'session.authenticate', 'INSERT likes'])
      assert.ok(names.has(name), `${name} in ${[...names].join(', ')}`)
    assert.deepEqual(sorted(found.segments.map((node) => node.id)), idsOf(found.spans), 'segments')
    for (const { traceId } of found.segments) assert.ok(found.spans.some((span) => xrayIdOf(span.traceId) === traceId))
    assert.deepEqual(sorted(found.items.map(({ uuid }) => uuid)), sorted(expected.items.map(({ uuid }) => uuid)))
    assert.deepEqual(found.lines, expected.lines)
    assert.deepEqual(found.records, expected.records)
    assert.deepEqual(sorted(found.records.map(({ body }) => body)), sorted(found.lines.map(({ message }) => message)))
    for (const [where, list] of Object.entries(found)) assert.ok(list.length > 0, where)
    t.diagnostic(
      Object.entries(found)
        .map(([where, list]) => `${list.length} ${where}`)
        .join(', '),
    )
  }
})

test('the secret of a visit reaches no vendor and no log', () => {
  const told = { ...vendors.everything(), stdout: product.output() }
  for (const { secret, id } of tabs)
    for (const [where, all] of Object.entries(told)) {
      assert.ok(!all.toLowerCase().includes(secret), where)
      if (where !== 'metrics') assert.ok(all.includes(id), `the id is in ${where}`)
    }
})

const hex = (bytes: number): string => randomBytes(bytes).toString('hex')
const own = hex(16)

type Forgery = {
  name: string
  /** Lines of the request's head. */
  head?: string[]
  path?: string
  body?: string
  /** Spans for the relay. */
  span?: object
  resource?: object[]
  traceId?: string
}

const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } })
const claim = (key: string, value: string): object => ({ attributes: [attribute(key, value)] })

/** A stranger knows the id of a visit, or wants a malformed header to pass for its secret. */
const forgeriesOf = ({ id, secret }: Tab): Forgery[] => {
  const restOfDigest = `x-visit: ${id.slice(16)}${id.slice(0, 16)}`
  const claimed = claim('session.id', id)
  const now = `${Date.now()}000000`
  return [
    { name: 'the id as the secret', head: [`x-visit: ${id}`] },
    { name: 'the id in capitals', head: [`x-visit: ${id.toUpperCase()}`] },
    { name: 'the id with its halves swapped', head: [restOfDigest] },
    { name: 'the id after an own secret', head: [`x-visit: ${own}, ${id}`] },
    { name: 'the id before an own secret', head: [`x-visit: ${id},${own}`] },
    { name: 'the secret after an own secret', head: [`x-visit: ${own}, ${secret}`] },
    { name: 'two headers', head: [`x-visit: ${own}`, `x-visit: ${secret}`] },
    { name: 'the same header twice', head: [`x-visit: ${secret}`, `X-Visit: ${secret}`] },
    { name: 'the secret in capitals', head: [`x-visit: ${secret.toUpperCase()}`] },
    { name: 'one digit too few', head: [`x-visit: ${secret.slice(1)}`] },
    { name: 'one digit too many', head: [`x-visit: ${secret}0`] },
    { name: 'a secret of 16 kB', head: [`x-visit: ${secret.repeat(400)}`] },
    { name: 'an empty header', head: ['x-visit:'] },
    { name: 'quotes', head: [`x-visit: "${secret}"`] },
    { name: 'a prefix', head: [`x-visit: 0x${secret}`] },
    { name: 'a parameter', head: [`x-visit: ${secret};q=1`] },
    { name: 'percent encoding', head: [`x-visit: %${secret.match(/../g)?.join('%')}`] },
    {
      name: 'digits of full width',
      head: [`x-visit: ${secret.replace(/\d/g, (d) => String.fromCharCode(0xff10 + Number(d)))}`],
    },
    { name: 'a no-break space', head: [`x-visit: \u00a0${secret}`] },
    { name: 'a null byte', head: [`x-visit: ${secret}\0`] },
    { name: 'a folded line', head: [`x-visit: ${secret.slice(0, 16)}`, ` ${secret.slice(16)}`] },
    { name: 'a space before the colon', head: [`x-visit : ${secret}`] },
    { name: 'an underscore', head: [`x_visit: ${secret}`] },
    {
      name: 'other names',
      head: [`session.id: ${id}`, `session-id: ${id}`, `x-session-id: ${id}`, `visit: ${secret}`],
    },
    { name: 'a header that Connection names', head: ['connection: x-visit, close', `x-visit: ${id}`] },
    {
      name: 'a trailer',
      head: ['transfer-encoding: chunked', 'trailer: x-visit'],
      body: `0\r\nx-visit: ${secret}\r\n\r\n`,
    },
    { name: 'baggage', head: [`baggage: session.id=${id},x-visit=${secret},session_id=${id}`] },
    { name: 'tracestate', head: [`tracestate: session.id=${id},x-visit=${secret},ot=th:0`] },
    { name: 'the id as the trace id', head: [], traceId: id },
    { name: 'the query', path: `/api/activities/home?session.id=${id}&x-visit=${secret}&session_id=${id}` },
    { name: 'a cookie', head: [`cookie: x-visit=${secret}; session.id=${id}; cruddur.session=${secret}`] },
    { name: 'the browser’s name', head: [`user-agent: "session_id":"${id}"`] },
    { name: 'a path that looks like a field of a log line', path: `/api/x","session_id":"${id}","y":"` },
    { name: 'a path with a line break', path: `/api/x%0a{"session_id":"${id}"}` },
    {
      name: 'the body',
      head: ['content-type: application/json', 'content-length: 49'],
      body: `{"session.id":"${id}"}`,
    },
    { name: 'spans without the header', span: claimed },
    { name: 'spans with the id as the secret', span: claimed, head: [`x-visit: ${id}`] },
    { name: 'spans with an own secret', span: claimed, head: [`x-visit: ${own}`] },
    { name: 'spans with two secrets', span: claimed, head: [`x-visit: ${own}`, `x-visit: ${secret}`] },
    { name: 'spans with baggage', span: claimed, head: [`baggage: x-visit=${secret}`] },
    {
      name: 'spans that claim both ids',
      span: { attributes: [attribute('session.id', String(visitIdOf(own))), attribute('session.id', id)] },
      head: [`x-visit: ${own}`],
    },
    {
      name: 'spans that claim a list',
      span: { attributes: [{ key: 'session.id', value: { arrayValue: { values: [{ stringValue: id }] } } }] },
      head: [`x-visit: ${own}`],
    },
    { name: 'spans that claim it with a space in the key', span: claim('session.id ', id) },
    { name: 'spans that claim it in X-Ray’s spelling', span: claim('session_id', id) },
    { name: 'spans that claim an earlier visit', span: claim('session.previous_id', id), head: [`x-visit: ${own}`] },
    { name: 'the resource of spans', span: {}, resource: [attribute('session.id', id)] },
    { name: 'an event of a span', span: { events: [{ name: 'an event', timeUnixNano: now, ...claimed }] } },
    { name: 'a link of a span', span: { links: [{ traceId: hex(16), spanId: hex(8), ...claimed }] } },
    { name: 'the tracestate of a span', span: { traceState: `session.id=${id}` } },
  ]
}

const bodyOf = (traceId: string, { span, resource = [] }: Forgery): string => {
  const now = `${Date.now()}000000`
  const times = { startTimeUnixNano: now, endTimeUnixNano: now }
  const spans = [{ traceId, spanId: hex(8), name: 'click forged', kind: 1, ...times, ...span }]
  return JSON.stringify({
    resourceSpans: [{ resource: { attributes: resource }, scopeSpans: [{ scope: { name: 'x' }, spans }] }],
  })
}

/** Sends the request byte by byte as the forger wrote it, and returns the status of the answer. */
const send = async (origin: string, traceId: string, forgery: Forgery): Promise<number> => {
  const { path = '/api/activities/home', head = [], body = '' } = forgery
  const page = new URL(product.url)
  const socket = connect(Number(new URL(origin).port), 'localhost')
  // A server answers a malformed request, or hangs up.
  socket.setTimeout(30_000, () => socket.destroy())
  await once(socket, 'connect')
  const ofConnection = head.some((line) => line.startsWith('connection:')) ? [] : ['connection: close']
  const common = [`host: ${page.host}`, ...ofConnection, ...head]
  if (forgery.span) {
    const spans = bodyOf(traceId, forgery)
    const type = [
      'content-type: application/json',
      `origin: ${page.origin}`,
      `content-length: ${Buffer.byteLength(spans)}`,
    ]
    socket.write([`POST /relay/v1/traces HTTP/1.1`, ...common, ...type, '', spans].join('\r\n'))
  } else {
    const trace = `traceparent: 00-${traceId}-${hex(8)}-01`
    socket.write([`${body ? 'POST' : 'GET'} ${path} HTTP/1.1`, ...common, trace, '', body].join('\r\n'))
  }
  const answer = await text(socket)
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? 0)
}

test('no forgery puts anything under the id of another visit', async (t) => {
  const [victim] = tabs
  const sent: { forgery: Forgery; origin: string; traceId: string; status: number }[] = []
  const honest: Forgery[] = [
    { name: 'the sender’s own visit', head: [`x-visit: ${own}`] },
    { name: 'the sender’s own spans', span: claim('session.id', String(visitIdOf(own))), head: [`x-visit: ${own}`] },
  ]
  const forgeries = forgeriesOf(victim)
  for (const forgery of [...forgeries, ...honest]) {
    for (const origin of [product.url, product.backendUrl]) {
      const traceId = forgery.traceId ?? hex(16)
      sent.push({ forgery, origin, traceId, status: await send(origin, traceId, forgery) })
    }
  }
  const isWellFormed = ({ status }: { status: number }) => ![0, 400, 431].includes(status)
  const arrived = ({ traceId }: { traceId: string }) => vendors.honeycomb.spans.some((span) => span.traceId === traceId)
  await eventually(() => sent.filter(isWellFormed).every(arrived)).catch(() => {})
  assert.deepEqual(
    sent.filter((one) => isWellFormed(one) && !arrived(one)).map(({ forgery, status }) => `${forgery.name}: ${status}`),
    [],
    'a forgery that arrives nowhere proves nothing',
  )
  // Stopping sends what is still queued.
  await product.stop()

  const { spans, segments, items, lines, records } = foundBy(victim.id)
  const under = new Set<unknown>([
    ...[...spans, ...records].map(({ traceId }) => traceId),
    ...segments.map(({ traceId }) => traceId.slice(2).replace('-', '')),
    ...items.map(({ custom }) => custom.trace_id),
    ...lines.map(({ trace_id }) => trace_id),
  ])
  const believed = sent.filter(({ traceId }) => under.has(traceId)).map(({ forgery }) => forgery.name)
  assert.deepEqual(believed, [])
  const ofServer = [...spans.filter(isOfServer), ...records].map(({ traceId }) => traceId)
  for (const traceId of [...ofServer, ...lines.map(({ trace_id }) => trace_id)])
    assert.ok(victim.traceIds.has(String(traceId)), 'the browser sent every trace under the id')
  const refused = sent.filter((one) => !isWellFormed(one)).map(({ forgery, status }) => `${forgery.name} (${status})`)
  t.diagnostic(`refused as malformed: ${[...new Set(refused)].join(', ')}`)
  t.diagnostic(
    `${forgeries.length} forgeries, each sent to both servers: ${sent.filter(arrived).length} of ${sent.length} recorded, believed: ${believed.length}`,
  )
  assert.ok(forgeries.length >= 20)

  // What was recorded names the forger's own visit, or none.
  const traceIds = new Set(sent.map(({ traceId }) => traceId))
  const visits = vendors.honeycomb.spans
    .filter(({ traceId }) => traceIds.has(traceId))
    .map(({ attributes }) => attributes['session.id'])
  const allowed = [
    undefined,
    visitIdOf(own),
    visitIdOf(victim.id),
    visitIdOf(victim.id.slice(16) + victim.id.slice(0, 16)),
  ]
  assert.deepEqual(
    visits.filter((visit) => !allowed.includes(visit as string)),
    [],
  )
  assert.ok(visits.includes(visitIdOf(own)), 'a stranger can have their own visit')
})
