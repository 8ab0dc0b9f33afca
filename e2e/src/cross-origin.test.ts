import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { drawTrace } from '@cruddur/expect-trace'
import type { Page } from 'playwright-core'
import { actAs, likeButtonOf, openFeed } from './feed.ts'
import { startStage } from './stage.ts'
import { faultsOf } from './trace.ts'

let page: Page

const { collector, product, browser } = await startStage({ page: 'cross-origin' })

before(async () => {
  page = await openFeed(browser, product.url)
  await actAs(page, 'Worf')
})

test('a click is one trace when the page calls the backend across origins', async () => {
  const answered = page.waitForResponse((response) => response.url().endsWith('/like'))
  await likeButtonOf(page, 'Andrew Brown').click()
  assert.equal(new URL((await answered).url()).origin, product.backendUrl)

  const spans = await collector.waitFor(
    (all) => all.some(({ name }) => name === 'click like') && all.some(({ name }) => name === 'activity.like'),
  )
  const click = spans.find(({ name }) => name === 'click like')
  const trace = spans.filter(({ traceId }) => traceId === click?.traceId)
  assert.deepEqual(faultsOf(trace), [], drawTrace(trace))
  const fetch = trace.find(({ kind, service }) => kind === 'client' && service === 'cruddur-frontend')
  const visit = click?.attributes['session.id']
  assert.match(String(visit), /^[0-9a-f]{32}$/)
  for (const name of ['activity.like', 'INSERT likes'])
    assert.equal(trace.find((span) => span.name === name)?.attributes['session.id'], visit, name)
  for (const key of ['app.network_ms', 'app.server_ms', 'app.wait_ms', 'app.clock_offset_ms'])
    assert.equal(typeof fetch?.attributes[key], 'number', `${key} is known across origins too`)
})

test('preflights make no trace of their own', () => {
  assert.deepEqual(
    collector.spans.filter(({ attributes }) => attributes['http.request.method'] === 'OPTIONS'),
    [],
  )
})
