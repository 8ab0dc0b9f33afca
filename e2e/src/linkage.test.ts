import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import {
  drawTable,
  limits,
  once,
  patterns,
  type Row,
  requestSpans,
  rootOf,
  runMatrix,
  separate,
  until,
} from '../linkage/matrix.ts'
import { buildLinkage, type LinkageServer, startLinkage } from '../linkage/server.ts'
import { pageContext } from '../linkage/variant.ts'
import { launchBrowser } from './browser.ts'
import { type CollectedSpan, type Collector, startCollector } from './collector.ts'

const mostPausedMs = 20

type Action = {
  name: string
  spanId: string
  startMs: number
  durationMs: number
  times: { pageMs: number; networkMs: number; serverMs: number } | null
  requests: number
  isLate: boolean
}
type Accounts = { created: number; delivered: number; queued: number; dropped: Record<string, number> }
type Probe = { actions: Action[]; clicks: number; deepest: number; pageSignals: () => Accounts[] }
declare const linkage: Probe

let browser: Browser
let dev: { server: LinkageServer; collector: Collector }

before(async () => {
  await buildLinkage()
  browser = await launchBrowser()
  const collector = await startCollector()
  dev = { server: await startLinkage('dev', collector), collector }
  // On the first visit Vite bundles the dependencies and compiles the modules, which keeps this process busy.
  const page = await browser.newPage()
  await page.goto(dev.server.url)
  await page.locator('#a').waitFor()
  await page.close()
})

after(async () => {
  await browser?.close()
  await dev?.server.stop()
  await dev?.collector.stop()
})

type Options = { search?: string; ownBrowser?: Browser }

/** A page with a server and a collector of its own, so that tests run side by side. */
const setUp = async (t: TestContext, { search = '', ownBrowser = browser }: Options = {}) => {
  const collector = await startCollector()
  const server = await startLinkage('production', collector)
  const context = await ownBrowser.newContext()
  t.after(async () => {
    await context.close()
    await server.stop()
    await collector.stop()
  })
  const page = await context.newPage()
  const named = (name: string, since = 0): CollectedSpan[] =>
    once(collector.spans.slice(since)).filter((span) => span.name === name)
  return {
    page,
    url: server.url + search,
    server,
    collector,
    named,
    childrenOf: ({ traceId, spanId }: CollectedSpan): CollectedSpan[] =>
      once(collector.spans).filter((span) => span.traceId === traceId && span.parentSpanId === spanId),
    linkedTo: ({ spanId }: CollectedSpan): CollectedSpan[] =>
      once(collector.spans).filter(({ links }) => links.some((link) => link.spanId === spanId)),
    /** Clicks and waits for the root span of the one trace that this makes. */
    traceOf: async (id: string, of = page): Promise<CollectedSpan> => {
      const since = collector.spans.length
      await of.locator(`#${id}`).click()
      await collector.waitFor(() => named(`click ${id}`, since).length > 0)
      return onlyOne(named(`click ${id}`, since))
    },
  }
}

/** A load that lasts more than ten seconds ends before its page knows the route. */
const hasLoaded = (collector: Collector, since = 0) =>
  collector.waitFor((spans) => spans.slice(since).some(({ name }) => name === 'load /linkage' || name === 'load'))

/** The page is open when its load has ended, so that no action joins it. */
const openPage = async (t: TestContext, options: Options = {}) => {
  const opened = await setUp(t, options)
  await opened.page.goto(opened.url)
  await opened.page.locator('#a').waitFor()
  await hasLoaded(opened.collector)
  return opened
}

const openDevPage = async (t: TestContext): Promise<Page> => {
  const page = await browser.newPage()
  t.after(() => page.close())
  const since = dev.collector.spans.length
  await page.goto(dev.server.url)
  await page.locator('#a').waitFor()
  await hasLoaded(dev.collector, since)
  return page
}

const vitalsOf = (spans: CollectedSpan[]): string[] =>
  spans
    .flatMap(({ events }) => events.filter(({ name }) => name === 'browser.web_vital'))
    .map(({ attributes }) => String(attributes['browser.web_vital.name']))
    .sort()
const onlyOne = (spans: CollectedSpan[]): CollectedSpan => {
  const drawn = spans.map(({ name, traceId, spanId, startMs }) => `${name} ${traceId} ${spanId} at ${startMs}`)
  assert.equal(spans.length, 1, drawn.join('\n') || 'no span')
  return spans[0] as CollectedSpan
}

const assertLinked = (title: string, rows: Row[]): void => {
  process.stdout.write(`${drawTable(title, rows)}\n`)
  assert.deepEqual(
    rows.filter(({ linked, all }) => linked < all),
    [],
  )
}

/** The tracer's start module under a second address, as a hot update would load it. */
const startAddress = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const [start] = performance
      .getEntriesByType('resource')
      .filter(({ name }) => name.endsWith('/telemetry/cruddur.ts'))
    return `${start?.name.replace('cruddur.ts', 'start.ts')}?again`
  })

// Most of the time a test waits for the page's own delays.
describe('in a page', { concurrency: 3 }, () => {
  describe('every action that does work is one trace', () => {
    test('in production', async (t) => {
      const { page, server, collector } = await openPage(t)
      assertLinked('production', await runMatrix(page, server, collector, { rounds: 2 }))
      const bytes = collector.requests.reduce((sum, request) => sum + request.body.length, 0)
      assert.ok(bytes > 64 * 1024, 'the exports exceed what Chromium keeps alive at once')
      assert.deepEqual(
        collector.spans.filter(({ attributes }) => String(attributes['url.full']).includes('/relay/')),
        [],
        'the exports themselves are not traced',
      )
    })

    test('in development, where effects run twice', async (t) => {
      const page = await openDevPage(t)
      await page.evaluate((address) => import(address), await startAddress(page))
      const { server, collector } = dev
      assertLinked('development', await runMatrix(page, server, collector, { rounds: 1, strictMode: true }))
    })

    test('in development, but a scroll and work after the end of an action are not part of it', async (t) => {
      const page = await openDevPage(t)
      const { server, collector } = dev
      const options = { rounds: 1, strictMode: true, of: separate }
      assertLinked('development, must not be linked', await runMatrix(page, server, collector, options))
    })

    test('but a scroll and work after the end of an action are not part of it', async (t) => {
      const { page, server, collector } = await openPage(t)
      assertLinked(
        'production, must not be linked',
        await runMatrix(page, server, collector, { rounds: 1, of: separate }),
      )
    })

    test('except in the known cases that cannot be linked', async (t) => {
      const { page, server, collector } = await openPage(t)
      const rows = await runMatrix(page, server, collector, { rounds: 1, of: limits })
      process.stdout.write(`${drawTable('known limits', rows)}\n`)
      assert.deepEqual(
        rows.filter(({ linked }) => linked > 0),
        [],
      )
    })

    test('even when two actions overlap and the page sends requests by itself', async (t) => {
      const { page, server, collector, named, childrenOf } = await openPage(t, { search: '?background' })
      await page.locator('#o1').click()
      await page.locator('#o2').click()
      await collector.waitFor(() => ['click o1', 'click o2'].every((name) => named(name).length > 0))
      for (const id of ['o1', 'o2']) {
        const root = onlyOne(named(`click ${id}`))
        assert.deepEqual(
          childrenOf(root).map(({ attributes }) => attributes['url.full']),
          [1, 2].map(() => `${server.url}api/jobs/${id}`),
        )
      }
      const firstClick = onlyOne(named('click o1'))
      const polls = () =>
        requestSpans(collector.spans, 'background').filter(({ startMs }) => startMs > firstClick.startMs)
      await collector.waitFor(() => polls().length > 0)
      for (const poll of polls()) assert.doesNotMatch(rootOf(poll, collector.spans).name, /^click/)
    })

    test('and the matrix notices when React, ports and idle callbacks carry no context', async (t) => {
      const { page, server, collector, named, traceOf } = await openPage(t, { search: '?without=protections' })
      const of = patterns.filter(({ id }) => ['a', 'c2', 'd3', 'd4', 'h5', 'h6'].includes(id))
      const rows = await runMatrix(page, server, collector, { rounds: 1, of, repeatsLate: false })
      assert.deepEqual(
        rows.map(({ id, linked }) => [id, linked]),
        [
          ['a', 1],
          ['c2', 0],
          ['d3', 0],
          ['d4', 0],
          ['h5', 0],
          ['h6', 0],
        ],
      )
      if (pageContext() === 'zone') {
        const since = collector.spans.length
        page.on('pageerror', () => {})
        await page.locator('#rejection').click()
        await traceOf('a')
        assert.deepEqual(named('exception', since), [], 'zone.js hides the rejection')
      }
    })
  })

  describe('an action', () => {
    test('without requests leaves no trace, no zone and no span', async (t) => {
      const { page, collector } = await openPage(t)
      const since = collector.spans.length
      const { x, y } = (await page.locator('#noop').boundingBox()) ?? assert.fail()
      const session = await page.context().newCDPSession(page)
      const dispatch = (type: 'mousePressed' | 'mouseReleased') =>
        session.send('Input.dispatchMouseEvent', { type, x: x + 5, y: y + 5, button: 'left', clickCount: 1 })
      const clickAtOnce = (times: number) =>
        Promise.all(Array.from({ length: times }, () => [dispatch('mousePressed'), dispatch('mouseReleased')]).flat())
      // More at once would wait for each other and be slow.
      for (let batch = 0; batch < 100; batch += 1) await clickAtOnce(10)
      // Longer than an action without work lasts.
      await page.evaluate(() => new Promise((resolve) => globalThis.setTimeout(resolve, 900)))
      const { clicks, deepest } = await page.evaluate(() => linkage)
      assert.deepEqual([clicks, deepest], [1_000, pageContext() === 'zone' ? 2 : 0])
      await page.close()
      await collector.waitFor(() => vitalsOf(collector.spans.slice(since)).includes('cls'))
      const isSlow = ({ attributes }: CollectedSpan) => Number(attributes['app.interaction.processing_ms']) >= 0
      assert.deepEqual(
        collector.spans.slice(since).filter((span) => vitalsOf([span]).length === 0 && !isSlow(span)),
        [],
      )
    })

    test('is reported to the page after its answers and again after more, with its server and network time', async (t) => {
      const { page, childrenOf, traceOf } = await openPage(t)
      const root = await traceOf('o1')
      const actions = await page.evaluate(() => linkage.actions)
      const reported = actions.filter(({ spanId }) => spanId === root.spanId)
      // On a busy machine the browser says late that the click was slow, and the action is reported once more.
      const counts = new Set(reported.map(({ requests }) => requests))
      assert.deepEqual([...counts], [1, 2])
      const last = reported.at(-1) ?? assert.fail()
      assert.equal(last.name, 'click o1')
      assert.equal(last.isLate, false, 'before the instrumentation would end its span')
      const requests = childrenOf(root)
      assert.equal(requests.length, 2)
      assert.ok(Math.abs(last.durationMs - (root.endMs - root.startMs)) < 1)
      for (const request of requests) {
        const [beforeSendMs, networkMs, serverMs] = ['before_send', 'network', 'server'].map((part) =>
          Number(request.attributes[`app.${part}_ms`]),
        ) as [number, number, number]
        assert.ok(beforeSendMs >= 0 && networkMs >= 0 && serverMs > 0)
        // The page reads the clock after the span has, and a busy machine may pause it between the two.
        const missingMs = request.endMs - request.startMs - (beforeSendMs + networkMs + serverMs)
        assert.ok(missingMs > -1 && missingMs < mostPausedMs, `${missingMs} ms are missing`)
      }
      assert.equal(root.endMs, Math.max(...requests.map(({ endMs }) => endMs)))
      const { pageMs, networkMs, serverMs } = last.times ?? assert.fail()
      assert.ok(Math.abs(pageMs + networkMs + serverMs - last.durationMs) < 0.01, 'they add up to the action')
      for (const [part, ms] of Object.entries({ page: pageMs, network: networkMs, server: serverMs }))
        assert.ok(Math.abs(Number(root.attributes[`app.${part}_ms`]) - ms) < 0.1, `${part} is the same on the root`)
    })

    test('has the user, the route, the visit and the kind of browser', async (t) => {
      const { childrenOf, traceOf } = await openPage(t)
      const root = await traceOf('a')
      const request = onlyOne(childrenOf(root))
      for (const { attributes, resource } of [root, request]) {
        assert.equal(attributes['app.user_id'], 'user-1')
        assert.equal(attributes['page.route'], '/linkage')
        assert.match(String(attributes['session.id']), /^[0-9a-f]{32}$/)
        assert.equal(resource['service.name'], 'cruddur-frontend')
      }
      assert.equal(root.attributes['session.id'], request.attributes['session.id'])
    })

    test('in a window that the page opened belongs to another visit, and a reload there keeps that visit', async (t) => {
      const { page, traceOf } = await openPage(t)
      const visitOf = async (of: Page) => (await traceOf('a', of)).attributes['session.id']
      const visit = await visitOf(page)
      const popup = page.waitForEvent('popup')
      await page.evaluate(() => void window.open(location.href))
      const opened = await popup
      await opened.locator('#a').waitFor()
      const visitThere = await visitOf(opened)
      assert.notEqual(visitThere, visit)
      await opened.reload()
      await opened.locator('#a').waitFor()
      assert.equal(await visitOf(opened), visitThere)
      assert.equal(await visitOf(page), visit)
    })

    test("by the browser's back button is named after the route that it leads to", async (t) => {
      const { page, collector, named, childrenOf } = await openPage(t)
      await page.locator('#forth').click()
      await page.goBack()
      await collector.waitFor(() => named('navigate /linkage').length > 0)
      const request = onlyOne(childrenOf(onlyOne(named('navigate /linkage'))))
      assert.equal(request.name, 'GET /api/jobs/:id')
    })

    test('that starts a poller has its requests only until the action ends', async (t) => {
      const { page, collector } = await openPage(t)
      await page.locator('#slow-poller').click()
      const polls = () => requestSpans(collector.spans, 'slow-poller')
      await collector.waitFor(() => polls().length >= 2)
      assert.ok(new Set(polls().map(({ traceId }) => traceId)).size >= 2)
    })

    test('ends ten seconds after the click, and requests still open are marked', async (t) => {
      const { page, collector, named, childrenOf } = await openPage(t)
      await page.locator('#fast-poller').click()
      await page.locator('#too-long').click()
      const polls = () => requestSpans(collector.spans, 'fast-poller')
      await collector.waitFor(() => polls().filter(({ parentSpanId }) => parentSpanId === null).length >= 2, 20_000)
      const poller = onlyOne(named('click fast-poller'))
      for (const poll of polls())
        assert.equal(poll.parentSpanId === poller.spanId, poll.startMs < poller.startMs + 10_000)
      const outlived = polls().filter(({ attributes }) => attributes['app.outlived_root'] !== undefined)
      assert.ok(outlived.every(({ parentSpanId, endMs }) => parentSpanId === poller.spanId && endMs > poller.endMs))

      await collector.waitFor(() => requestSpans(collector.spans, 'too-long').length > 0, 20_000)
      const long = onlyOne(named('click too-long'))
      const request = onlyOne(childrenOf(long))
      assert.ok(request.endMs > long.endMs)
      assert.equal(request.attributes['app.outlived_root'], true)
      for (const root of [poller, long]) {
        assert.equal(root.attributes['app.ended_by'], 'limit')
        assert.ok(root.endMs - root.startMs < 10_001)
      }
    })
  })

  describe('a page that', () => {
    for (const [way, leave] of Object.entries({
      closes: (page: Page) => page.close(),
      navigates: (page: Page) => page.goto('about:blank').then(() => {}),
    })) {
      test(`${way} 10 ms after the request sends the click and its request`, async (t) => {
        const { page, server, collector, named } = await openPage(t)
        await page.locator('#a').click()
        await until(() => server.requests.at(-1)?.id === 'a', 'the request')
        await setTimeout(10)
        await leave(page)
        await collector.waitFor(() => named('click a').length > 0 && requestSpans(collector.spans, 'a').length > 0)
        // The answer may be missing: then the request ends with the page.
        assert.equal(onlyOne(requestSpans(collector.spans, 'a')).parentSpanId, onlyOne(named('click a')).spanId)
      })

      for (const ms of [150, 600])
        test(`${way} ${ms} ms after the answer sends the click and its request`, async (t) => {
          const { page, collector, named } = await openPage(t)
          await page.locator('#a').click()
          await page.waitForFunction(() => linkage.actions.length > 0)
          const [action = assert.fail()] = await page.evaluate(() => linkage.actions)
          await setTimeout(ms)
          await leave(page)
          await collector.waitFor(() => named('click a').length > 0 && requestSpans(collector.spans, 'a').length > 0)
          const request = onlyOne(requestSpans(collector.spans, 'a'))
          assert.equal(request.parentSpanId, onlyOne(named('click a')).spanId)
          const answeredAt = action.startMs + action.durationMs
          assert.ok(Math.abs(request.endMs - answeredAt) < 1, 'it ends where its answer ended')
        })
    }

    test('returns from the back/forward cache has a root and web vitals of its own', async (t) => {
      const keeper = await launchBrowser({ keepsPages: true })
      t.after(() => keeper.close())
      const { page, server, collector, named, childrenOf, linkedTo, traceOf } = await openPage(t, {
        ownBrowser: keeper,
      })
      await page.locator('#u1').click()
      const since = collector.spans.length
      await page.goto(`${server.url}api/plain`)
      // Playwright's goBack waits for a load event that never comes.
      await page.evaluate(() => history.back())
      await collector.waitFor(() => named('restore /linkage', since).length > 0)
      const restore = onlyOne(named('restore /linkage', since))
      assert.equal(restore.parentSpanId, null)
      assert.deepEqual(vitalsOf([restore]), ['fcp', 'lcp', 'ttfb'])
      for (const { attributes } of restore.events)
        assert.equal(attributes['browser.web_vital.navigation_type'], 'back-forward-cache')
      assert.deepEqual(named('load /linkage', since), [])

      // The timer of the earlier click goes on, but the click has ended.
      await collector.waitFor(() => requestSpans(collector.spans, 'u1').length > 0)
      assert.doesNotMatch(rootOf(onlyOne(requestSpans(collector.spans, 'u1')), collector.spans).name, /click/)
      assert.equal(childrenOf(await traceOf('b2')).length, 2)
      await page.close()
      await collector.waitFor(() => vitalsOf(linkedTo(restore)).includes('cls'))
    })
  })

  describe('an error', () => {
    test('in a handler is an exception in the trace of the click, without the query string', async (t) => {
      const { childrenOf, traceOf } = await openPage(t)
      const exception = onlyOne(childrenOf(await traceOf('error')))
      assert.equal(exception.name, 'exception')
      assert.equal(exception.status, 'error')
      assert.equal(exception.events[0]?.attributes['exception.type'], 'RangeError')
      assert.doesNotMatch(JSON.stringify(exception), /secret/)
    })

    test('in an unhandled promise is an exception too', async (t) => {
      const { childrenOf, traceOf } = await openPage(t)
      const exception = onlyOne(childrenOf(await traceOf('rejection')))
      assert.equal(exception.events[0]?.attributes['exception.message'], 'rejected')
    })

    test('is not recorded when the page aborts the request', async (t) => {
      const { childrenOf, traceOf } = await openPage(t)
      const request = onlyOne(childrenOf(await traceOf('abort')))
      assert.equal(request.status, 'unset')
      assert.equal(request.attributes['app.cancelled'], true)
      assert.equal(request.attributes['http.response.status_code'], undefined)
    })

    test('of the server has its status, and no query string in the address', async (t) => {
      const { childrenOf, traceOf } = await openPage(t)
      const request = onlyOne(childrenOf(await traceOf('missing')))
      assert.equal(request.status, 'error')
      assert.equal(request.attributes['http.response.status_code'], 404)
      assert.doesNotMatch(JSON.stringify(request), /secret/)
    })

    test('of the clocks is measured', async (t) => {
      const { server, childrenOf, traceOf } = await openPage(t)
      server.setClock(3_000)
      const request = onlyOne(childrenOf(await traceOf('a')))
      const [offsetMs, errorMs] = ['app.clock_offset_ms', 'app.clock_offset_error_ms'].map((key) =>
        Number(request.attributes[key]),
      ) as [number, number]
      assert.ok(errorMs > 0 && Math.abs(offsetMs - 3_000) <= errorMs, `${offsetMs} ± ${errorMs}`)
    })

    test('of the relay does not disturb the page, and waiting spans arrive when it is back', async (t) => {
      const { page, server, collector, named } = await openPage(t)
      const errors: Error[] = []
      page.on('pageerror', (error) => errors.push(error))
      collector.fault = { status: 503 }
      const refused = collector.requests.length
      await page.locator('#a').click()
      await until(() => collector.requests.length > refused, 'a refused export')
      await page.locator('#b1').click()
      await until(() => server.requests.at(-1)?.id === 'b1', 'the request')
      collector.fault = null
      await collector.waitFor(() => ['click a', 'click b1'].every((name) => named(name).length > 0))
      const [spans] = await page.evaluate(() => linkage.pageSignals())
      assert.deepEqual(spans?.dropped, {})
      assert.equal(spans?.created, (spans?.delivered ?? 0) + (spans?.queued ?? 0))
      assert.deepEqual(errors, [])
    })

    test('caused by an ad blocker on the relay does not disturb the page', async (t) => {
      const { page, url, server } = await setUp(t)
      const errors: Error[] = []
      page.on('pageerror', (error) => errors.push(error))
      await page.route('**/relay/**', (route) => route.abort('blockedbyclient'))
      await page.goto(url)
      for (const id of ['a', 'd3', 'e2']) {
        const since = server.requests.length
        await page.locator(`#${id}`).click()
        await until(() => server.requests.slice(since).some((request) => request.id === id), id)
      }
      assert.deepEqual(errors, [])
    })
  })

  describe('the load of the page', () => {
    test('is one trace with the document, its resources, the first requests and the web vitals', async (t) => {
      const { page, collector, named, childrenOf, linkedTo } = await openPage(t)
      const root = onlyOne(named('load /linkage'))
      const expected = ['GET document', 'script index.js', 'GET /api/jobs/first-paint']
      await collector.waitFor(() => expected.every((name) => childrenOf(root).some((span) => span.name === name)))
      assert.equal(
        childrenOf(root).filter(({ attributes }) => String(attributes['url.full']).endsWith('first-paint')).length,
        1,
      )
      assert.deepEqual(vitalsOf([root]), ['fcp', 'lcp', 'ttfb'])
      for (const { timeMs, attributes } of root.events) {
        assert.ok(timeMs >= root.startMs && timeMs <= root.endMs, `${attributes['browser.web_vital.name']} lies in it`)
        assert.ok(Math.abs(timeMs - root.startMs - Number(attributes['browser.web_vital.value'])) < 2)
        assert.equal(attributes['browser.web_vital.navigation_type'], 'navigate')
        assert.equal(attributes['browser.web_vital.delta'], attributes['browser.web_vital.value'])
      }

      await page.locator('#noop').click()
      await page.evaluate(
        () =>
          new Promise((resolve) => {
            // web-vitals was registered first, and reads the entry when the browser is idle.
            const whenIdle = () => requestIdleCallback(resolve, { timeout: 1_000 })
            new PerformanceObserver(whenIdle).observe({ type: 'first-input', buffered: true })
          }),
      )
      await page.close()
      await collector.waitFor(() => linkedTo(root).length > 0)
      // The values of the whole visit come once, in a root of their own.
      assert.deepEqual(vitalsOf([onlyOne(linkedTo(root))]), ['cls', 'inp'])
    })

    test('is not joined by late work of a finished click', async (t) => {
      const { page, url, server, collector, named } = await setUp(t, { search: '?slow-load' })
      await page.goto(url, { waitUntil: 'commit' })
      await page.locator('#u1').click()
      await until(() => server.requests.some(({ id }) => id === 'u1'), 'the late work')
      await page.waitForFunction(() => performance.getEntriesByName(`${location.origin}/api/jobs/u1`).length > 0)
      server.answerImages()
      await collector.waitFor(() => named('load /linkage').length > 0)
      const load = onlyOne(named('load /linkage'))
      const request = onlyOne(requestSpans(collector.spans, 'u1'))
      assert.ok(request.endMs < load.endMs, 'it ended while the page was still loading')
      assert.equal(request.parentSpanId, null)
    })
  })

  describe('a slow action', () => {
    test('is a trace even without requests, with the script that took the time', async (t) => {
      const { childrenOf, traceOf } = await openPage(t)
      const root = await traceOf('slow-nothing')
      assert.deepEqual(childrenOf(root), [])
      const [waited, processed, presented] = ['input_delay', 'processing', 'presentation'].map((part) =>
        Number(root.attributes[`app.interaction.${part}_ms`]),
      ) as [number, number, number]
      assert.ok(processed >= 300)
      assert.ok(waited >= 0 && presented >= 0)
      assert.ok(Math.abs(waited + processed + presented - (root.endMs - root.startMs)) < 1)
      const script = root.events.find(({ name }) => name === 'app.script') ?? assert.fail('no script')
      assert.ok(Number(script.attributes['app.script.duration_ms']) >= 300)
      assert.doesNotMatch(JSON.stringify(root), /[?]/)
    })

    test('with requests is one trace, with the same attributes', async (t) => {
      const { page, named, childrenOf, traceOf } = await openPage(t)
      const root = await traceOf('slow-fetch')
      assert.equal(childrenOf(root).length, 1)
      assert.ok(Number(root.attributes['app.interaction.processing_ms']) >= 300)
      await page.close()
      assert.equal(named('click slow-fetch').length, 1)
    })
  })
})
