import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import type { CollectedSpan } from './collector.ts'
import { eventually } from './eventually.ts'
import { actAs, likeButtonOf, openFeed, openSignals } from './feed.ts'
import { startStage } from './stage.ts'
import { untilQuiet } from './trace-check.ts'

// For longer times offline: OFFLINE_SECONDS=60,300 node ../scripts/run-tests.mjs --database 'src/offline.test.ts'
const offlineSeconds = (process.env.OFFLINE_SECONDS ?? '3,12').split(',').map(Number)
const betweenActionsMs = 1_000
const mostActions = 60

let page: Page

const { collector, product, browser } = await startStage()

before(async () => {
  page = await openFeed(browser, product.url)
  await actAs(page, 'Worf')
  await untilQuiet(collector)
})

const likesSince = (since: number): CollectedSpan[] =>
  collector.spans.slice(since).filter(({ name, parentSpanId }) => name === 'click like' && parentSpanId === null)

const requestOf = ({ spanId }: CollectedSpan): CollectedSpan | undefined =>
  collector.spans.find((span) => span.parentSpanId === spanId && span.kind === 'client')

/** The page's own counters, in its signals dialog. */
const isAllDelivered = async (): Promise<void> => {
  await openSignals(page)
  const account = page.locator('.signal', { hasText: 'spans of this page' }).locator('.signal-account')
  await account.filter({ hasText: /^(\d+) created · \1 delivered$/ }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
}

for (const seconds of offlineSeconds)
  test(`after ${seconds} seconds offline the trace of every action arrives`, async (t) => {
    const since = collector.spans.length
    await page.context().setOffline(true)
    const backAt = performance.now() + seconds * 1_000
    let actions = 0
    while (performance.now() < backAt) {
      if (actions < mostActions) {
        await likeButtonOf(page, 'Andrew Brown').click()
        actions++
      }
      await setTimeout(betweenActionsMs)
    }
    const lastWhileAwayAt = Date.now()
    assert.deepEqual(likesSince(since), [], 'nothing leaves while offline')

    await page.context().setOffline(false)
    const arrivedMs: number[] = []
    const started = performance.now()
    await collector.waitFor(() => {
      for (let at = arrivedMs.length; at < likesSince(since).length; at++) arrivedMs.push(performance.now() - started)
      return arrivedMs.length >= actions
    })
    await untilQuiet(collector)
    const roots = likesSince(since)
    assert.equal(roots.length, actions)
    for (const root of roots) {
      const request = requestOf(root)
      assert.equal(request?.status, 'error')
      assert.equal(request.name, 'POST /api/activities/:uuid/like')
      assert.ok(root.startMs <= lastWhileAwayAt && root.endMs - root.startMs < 3_000, 'it has its true time')
    }
    await isAllDelivered()
    const [first, last] = [arrivedMs[0], arrivedMs.at(-1)].map((ms) => Math.round(ms ?? 0))
    t.diagnostic(`${seconds} s offline: ${actions} actions; their traces came ${first} to ${last} ms after the network`)
  })

test('the telemetry code is fetched again when the network drops at `load`', async () => {
  const since = collector.spans.length
  const context = await browser.newContext({ baseURL: product.url })
  const late = await context.newPage()
  let asked = 0
  await late.route('**/assets/telemetry-late-*.js', async (route) => {
    asked++
    if (asked === 1) await context.setOffline(true)
    await (asked <= 2 ? route.abort('internetdisconnected') : route.continue())
  })
  await late.goto('/')
  await eventually(() => asked === 2)
  await context.setOffline(false)
  await collector.waitFor((spans) => spans.slice(since).some(({ name }) => name === 'load /'))
  await context.close()
})
