import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { createObservatory } from '../../observatory/src/observatory.ts'
import { launchBrowser } from './browser.ts'
import { eventually } from './eventually.ts'
import { actAs, likeButtonOf, openFeed } from './feed.ts'
import { type Product, startProduct } from './product.ts'

type Trace = {
  spans: { kind: string; service: string; attributes: Record<string, unknown> }[]
  clockOffsetMs: number | null
  summary: Record<'durationMs' | 'pageMs' | 'networkMs' | 'serverMs' | 'requestCount', number> & { complete: boolean }
}

const observatory = createObservatory()
let observatoryUrl: string
let product: Product
let browser: Browser
let page: Page
const traces = new Map<string, Trace>()

before(async () => {
  await once(observatory.server.listen(0, '127.0.0.1'), 'listening')
  observatoryUrl = `http://localhost:${(observatory.server.address() as AddressInfo).port}`
  product = await startProduct({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: observatoryUrl,
      TRACE_LINK_TEMPLATE: `${observatoryUrl}/traces/{traceId}?span={spanId}`,
    },
  })
  browser = await launchBrowser()
  page = await openFeed(browser, product.url)
})

after(async () => {
  await browser?.close()
  await product?.stop()
  await observatory.close()
})

const traceOf = async (traceId: string): Promise<Trace | null> => {
  const answer = await fetch(`${observatoryUrl}/api/traces/${traceId}`)
  return answer.ok ? ((await answer.json()) as Trace) : null
}

const listed = (): Promise<{ words: string; traceId: string; split: string }[]> =>
  page.locator('.action > a').evaluateAll((links) =>
    links.map((link) => ({
      words: link.textContent ?? '',
      traceId: /traces\/([0-9a-f]{32})/.exec((link as HTMLAnchorElement).href)?.[1] ?? '',
      split: link.getAttribute('title') ?? '',
    })),
  )

const numbersIn = (text: string): number[] => (text.match(/\d+/g) ?? []).map(Number)

test('the page and the observatory show the same page, network and server times', async () => {
  await actAs(page, 'Worf')
  await likeButtonOf(page, 'Andrew Brown').click()
  await eventually(async () => (await listed()).length >= 2)
  for (const name of ['Notifications', 'Messages']) {
    const known = (await listed()).length
    await page
      .getByRole('link', { name: new RegExp(name) })
      .first()
      .click()
    await eventually(async () => (await listed()).length > known)
  }
  for (const { traceId } of await listed()) {
    const trace = await eventually(async () => {
      const found = await traceOf(traceId)
      return found?.summary.complete && found.summary.pageMs !== null && found
    })
    traces.set(traceId, trace)
  }
  const differing = (await listed()).filter(({ traceId, split }) => {
    const { networkMs, serverMs, pageMs } = traces.get(traceId)?.summary ?? assert.fail()
    const shown = numbersIn(split)
    return [networkMs, serverMs, pageMs].some((ms, at) => Math.abs((shown[at] ?? Number.NaN) - ms) > 1)
  })
  assert.deepEqual(
    differing.map(({ words, traceId, split }) => ({ words, split, observatory: traces.get(traceId)?.summary })),
    [],
  )
  assert.ok([...traces.values()].some(({ summary }) => summary.requestCount > 1))
})

test('on one machine the clock offset is zero, and its possible error is known', () => {
  const readings = [...traces.values()]
    .flatMap(({ spans }) => spans)
    .filter(({ attributes }) => 'app.server_ms' in attributes && 'app.wait_ms' in attributes)
    .map(({ attributes }) => [attributes['app.clock_offset_ms'], attributes['app.clock_offset_error_ms']])
  assert.ok(readings.length >= 4, `${readings.length} readings`)
  assert.deepEqual(
    readings.filter(([offsetMs, errorMs]) => !(Number(offsetMs) === 0 && Number(errorMs) > 0)),
    [],
    `of ${readings.length}`,
  )
  for (const { clockOffsetMs } of traces.values()) assert.equal(clockOffsetMs, 0)
})
