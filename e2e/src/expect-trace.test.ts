import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Collector, expectPath, oneTrace, startCollector } from '@cruddur/expect-trace'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from './browser.ts'

const id = (bytes: number): string => randomBytes(bytes).toString('hex')
const kinds = { internal: 1, server: 2, client: 3 }
type Sent = {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: keyof typeof kinds
  attributes?: { key: string; value: { stringValue: string } }[]
}

describe('oneTrace', () => {
  let collector: Collector
  let browser: Browser
  let page: Page
  let server: Server
  let url: string
  const folder = mkdtempSync(join(tmpdir(), 'expect-trace-'))

  /** Sends spans as an application would, by hand, so that the test decides what is wrong with them. */
  const send = async (...spans: Sent[]): Promise<void> => {
    const startTimeUnixNano = `${BigInt(Date.now()) * 1_000_000n}`
    const times = { startTimeUnixNano, endTimeUnixNano: startTimeUnixNano }
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] }
    const scopeSpans = [{ spans: spans.map((span) => ({ ...span, ...times, kind: kinds[span.kind] })) }]
    const { ok } = await fetch(`${collector.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans }] }),
    })
    assert.ok(ok)
  }

  /** The server continues the trace of a request, unless the path says otherwise. */
  const continueTrace = async ({ url: path, headers }: IncomingMessage): Promise<void> => {
    const [, traceId = '', parentSpanId = ''] = String(headers.traceparent ?? '').split('-')
    if (path === '/api/deaf' || !traceId) return
    const spanId = id(8)
    await send(
      { traceId, spanId, parentSpanId, name: `GET ${path}`, kind: 'server' },
      { traceId, spanId: id(8), parentSpanId: spanId, name: 'SELECT orders', kind: 'client' },
    )
  }

  /** What the page does for a click: requests under the given headers, and its own spans of them. */
  const clickThatSends = async (...requests: { path: string; parent: Sent | null }[]): Promise<void> => {
    for (const { path, parent } of requests) {
      const spanId = id(8)
      if (parent)
        await send({ traceId: parent.traceId, spanId, parentSpanId: parent.spanId, name: 'GET', kind: 'client' })
      const headers = parent ? { traceparent: `00-${parent.traceId}-${spanId}-01` } : {}
      await page.evaluate((given) => fetch(given.path, { headers: given.headers as HeadersInit }), { path, headers })
    }
  }
  const newClick = (): Sent => ({ traceId: id(16), spanId: id(8), name: 'click Buy', kind: 'internal' })
  const newLoad = (): Sent => ({
    ...newClick(),
    name: 'load',
    attributes: [{ key: 'app.interaction.type', value: { stringValue: 'load' } }],
  })
  const patient = { settleMs: 100, timeoutMs: 30_000, saveTo: folder }
  /** For a trace that is refused: what is missing never comes. */
  const options = { ...patient, timeoutMs: 500 }

  before(async () => {
    collector = await startCollector()
    server = createServer((request, response) => {
      response.setHeader('content-type', 'text/html')
      continueTrace(request).then(
        () => response.end('<h1>Shop</h1>'),
        (error) => response.destroy(error),
      )
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    browser = await launchBrowser()
    page = await browser.newPage()
    await page.goto(url)
  })
  after(async () => {
    await browser?.close()
    server?.closeAllConnections()
    server?.close()
    await collector?.stop()
    rmSync(folder, { recursive: true })
  })

  test('gives the trace of an action, whose path can be checked', async () => {
    const click = newClick()
    const trace = await oneTrace(
      page,
      async () => {
        await send(click)
        await clickThatSends({ path: '/api/orders', parent: click }, { path: '/api/cart', parent: click })
      },
      patient,
    )
    assert.equal(trace.id, click.traceId)
    assert.equal(trace.root.name, 'click Buy')
    assert.equal(trace.spans.length, 7)
    expectPath(trace, ['click Buy', 'GET', { name: 'GET /api/orders', kind: 'server' }, /^SELECT/])
    expectPath(trace, ['click Buy', 'SELECT orders'])
    assert.throws(
      () => expectPath(trace, ['click Buy', 'INSERT']),
      /has no path “click Buy” → “INSERT”:\nshop internal/,
    )
    assert.throws(() => expectPath(trace, ['SELECT orders', 'GET']), /has no path/)
  })

  test('refuses an action whose second request is in another trace', async () => {
    const [click, other] = [newClick(), newClick()]
    const act = async () => {
      await send(click, other)
      await clickThatSends({ path: '/api/orders', parent: click }, { path: '/api/cart', parent: other })
    }
    await assert.rejects(oneTrace(page, act, options), /not one whole trace: 2 traces\.[\s\S]*GET \/api\/cart {2}trace/)
  })

  test('leaves out what the page’s load sent before the action began, and nothing after that', async () => {
    const [first, second, third] = [newLoad(), newLoad(), newLoad()]
    const clickWhileLoading = async (load: Sent, click: Sent) => {
      await send(load)
      await clickThatSends({ path: '/api/items', parent: load })
      await page.waitForTimeout(5)
      await send(click)
      await clickThatSends({ path: '/api/orders', parent: click })
    }
    const click = newClick()
    const trace = await oneTrace(page, () => clickWhileLoading(first, click), patient)
    assert.equal(trace.id, click.traceId)
    const adoptedByLoad = async () => {
      await clickWhileLoading(second, newClick())
      await clickThatSends({ path: '/api/cart', parent: second })
    }
    await assert.rejects(
      oneTrace(page, adoptedByLoad, options),
      /not one whole trace: 2 traces\.[\s\S]*GET \/api\/cart/,
    )
    const onlyLoad = async () => {
      await send(third)
      await clickThatSends({ path: '/api/items', parent: third })
    }
    assert.equal((await oneTrace(page, onlyLoad, patient)).id, third.traceId)
  })

  test('refuses a request without a trace, even if the spans look right', async () => {
    const click = newClick()
    const act = async () => {
      await send(click)
      await clickThatSends({ path: '/api/orders', parent: click }, { path: '/api/cart', parent: null })
    }
    await assert.rejects(oneTrace(page, act, options), /a request without a trace \(GET \/api\/cart/)
  })

  test('refuses a request that no server continued, and a trace without its root', async () => {
    const click = newClick()
    const toDeafServer = async () => {
      await send(click)
      await clickThatSends({ path: '/api/deaf', parent: click })
    }
    await assert.rejects(oneTrace(page, toDeafServer, options), /no server continued a request \(GET \/api\/deaf/)
    const rootless = async () => clickThatSends({ path: '/api/orders', parent: newClick() })
    await assert.rejects(oneTrace(page, rootless, options), /0 roots; the parent of “GET” is missing/)
    await assert.rejects(
      oneTrace(page, async () => {}, options),
      /the page sent no request/,
    )
  })

  test('saves the spans of a failed check in a file that any OTLP viewer opens', async () => {
    const [click, other] = [newClick(), newClick()]
    const act = async () => {
      await send(click, other)
      await clickThatSends({ path: '/api/orders', parent: click }, { path: '/api/cart', parent: other })
    }
    const error = await oneTrace(page, act, options).then(
      () => assert.fail('it passed'),
      ({ message }: Error) => message,
    )
    const file = /Saved in (.+)/.exec(error)?.[1] ?? assert.fail(error)
    const viewer = await startCollector()
    const { ok } = await fetch(`${viewer.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: readFileSync(file),
    })
    assert.ok(ok)
    assert.equal(viewer.spans.filter(({ traceId }) => [click.traceId, other.traceId].includes(traceId)).length, 8)
    assert.equal(viewer.spans.length, 8)
    await viewer.stop()
  })
})
