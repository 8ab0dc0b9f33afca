import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawTrace } from '@cruddur/expect-trace'
import { relayPath } from '@cruddur/wire/names'
import { parseServerTiming } from '@cruddur/wire/times'
import type { Page } from 'playwright-core'
import { measureSampling } from '../sampling/measure.ts'
import { eventually } from './eventually.ts'
import { openFeed } from './feed.ts'
import { startStage } from './stage.ts'
import { tracesOf } from './trace.ts'

const clicksOfEach = { 'go well': 30, 'break the server': 5, 'break the page': 5 }
type Name = keyof typeof clicksOfEach
type Asked = { readonly spanId: string; readonly isKept: boolean; readonly status: number }

const { collector, product, browser } = await startStage({
  env: {
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.1',
    TRACE_LINK_TEMPLATE: 'http://localhost/traces/{traceId}',
  },
})

const addButtons = (page: Page) =>
  page.evaluate(() => {
    const add = (name: string, work: () => Promise<unknown>) => {
      const button = document.createElement('button')
      button.textContent = name
      button.addEventListener('click', () => void work())
      document.querySelector('main')?.prepend(button)
    }
    add('go well', () => fetch('/api/trends'))
    add('break the server', () => fetch('/rollbar/test'))
    // No `await` here: this code is not built with the page, so a native `await` would lose the click.
    add('break the page', () =>
      fetch('/api/trends').then(() => {
        throw new Error('The page was broken on purpose.')
      }),
    )
  })

/** The requests that the browser really sent, by trace, and what the answers said about sampling. */
const watchRequests = (page: Page): Map<string, Asked[]> => {
  const asked = new Map<string, Asked[]>()
  page.on('response', async (response) => {
    const [, traceId = '', spanId = ''] = (response.request().headers().traceparent ?? '').split('-')
    if (traceId === '') return
    const told = parseServerTiming((await response.allHeaders())['server-timing'] ?? null).backendSpan
    const answer = { spanId, isKept: told?.endsWith('-01') ?? false, status: response.status() }
    asked.set(traceId, [...(asked.get(traceId) ?? []), answer])
  })
  return asked
}

test('at ratio 0.1, sends failed traces whole, never half a trace, and links only to kept traces', async () => {
  const page = await openFeed(browser, product.url)
  await addButtons(page)
  const asked = watchRequests(page)
  const byName = new Map<string, Name>()
  for (const [name, clicks] of Object.entries(clicksOfEach) as [Name, number][]) {
    for (let click = 0; click < clicks; click++) {
      const known = new Set(asked.keys())
      await page.getByRole('button', { name }).click()
      const traceId = await eventually(() => [...asked.keys()].find((one) => !known.has(one)))
      byName.set(traceId, name)
      const isLinked = name !== 'go well' || asked.get(traceId)?.[0]?.isKept === true
      await eventually(async () => (await page.locator(`.toast a[href$="${traceId}"]`).count()) === (isLinked ? 1 : 0))
    }
  }
  // Waits longer than the page holds a failed action open, so that the page has sent its root.
  const posts: number[] = []
  page.on('requestfinished', (request) => request.url().endsWith(relayPath) && posts.push(Date.now()))
  await eventually(() => posts.length > 0 && Date.now() - (posts.at(-1) ?? 0) > 4_000)
  await page.close()
  await product.stop()

  const traces = tracesOf(collector.spans)
  for (const [traceId, requests] of asked) {
    const spans = traces.get(traceId)
    const name = byName.get(traceId) ?? 'of the page itself'
    if (name.startsWith('break')) assert.ok(spans, `${name} has no trace`)
    if (requests.some(({ isKept }) => isKept)) assert.ok(spans, `an answer to ${name} said that it is kept`)
    if (!spans) continue
    const ids = new Set(spans.map(({ spanId }) => spanId))
    const orphans = spans.filter(({ parentSpanId }) => parentSpanId !== null && !ids.has(parentSpanId))
    const served = spans.filter(({ kind }) => kind === 'server').map(({ parentSpanId }) => parentSpanId)
    assert.deepEqual(orphans, [], drawTrace(spans))
    assert.equal(spans.filter(({ parentSpanId }) => parentSpanId === null).length, 1, drawTrace(spans))
    for (const { spanId } of requests) assert.ok(served.includes(spanId), drawTrace(spans))
    const weights = new Set(spans.map(({ attributes }) => attributes.SampleRate))
    assert.equal(weights.size, 1, drawTrace(spans))
    if (name.startsWith('break')) assert.deepEqual([...weights], [1])
  }
  const exceptions = collector.spans.filter(({ name }) => name === 'exception')
  assert.equal(exceptions.length, clicksOfEach['break the page'])
  const halves = [...traces.values()].filter((spans) => spans.every(({ parentSpanId }) => parentSpanId !== null))
  assert.deepEqual(halves.map(drawTrace), [])
})

test('at each ratio, sends whole traces and all failures, with weights that estimate all traces', async () => {
  for (const ratio of [1, 0.5, 0.1, 0.01]) {
    const { kept, whole, failedWhole, truth, estimated } = await measureSampling(ratio, 250)
    assert.equal(whole, kept, `at ${ratio}`)
    assert.equal(failedWhole, truth.failed, `at ${ratio}`)
    assert.equal(estimated.failed, truth.failed, `at ${ratio}`)
    const deviation = Math.sqrt(((truth.actions - truth.failed) * (1 - ratio)) / ratio)
    assert.ok(Math.abs(estimated.actions - truth.actions) <= 3 * deviation, `${estimated.actions} at ${ratio}`)
  }
})
