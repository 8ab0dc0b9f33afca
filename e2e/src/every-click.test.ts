import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { drawTrace } from '@cruddur/expect-trace'
import type { BrowserContext, Page } from 'playwright-core'
import type { CollectedSpan } from './collector.ts'
import { runOn } from './database.ts'
import { actAs, likeButtonOf, openFeed } from './feed.ts'
import { startStage } from './stage.ts'
import { faultsOf, tracesOf } from './trace.ts'

const stayingClicks = 180
const leavingClicks = 20
const cruds = 20

const { collector, product, browser } = await startStage()

before(async () => {
  await runOn(
    product.databaseUrl,
    `INSERT INTO activities (uuid, user_uuid, message, created_at, expires_at)
     SELECT gen_random_uuid(), (SELECT uuid FROM users WHERE handle = 'garek'), 'Crud number ' || n, now() + n * interval '1 ms', now() + interval '1 day'
       FROM generate_series(1, ${cruds}) AS n`,
  )
})

/** The traces of likes and unlikes. */
const clicks = (spans: readonly CollectedSpan[]): CollectedSpan[][] =>
  [...tracesOf(spans).values()].filter((trace) => trace.some(({ name }) => /\/like$/.test(name)))

const isWhole = (trace: CollectedSpan[]): boolean => faultsOf(trace).length === 0

const assertWhole = async (count: number): Promise<void> => {
  await collector.waitFor((spans) => clicks(spans).filter(isWhole).length >= count).catch(() => {})
  const traces = clicks(collector.spans)
  const broken = traces.filter((trace) => !isWhole(trace))
  const [first] = broken
  assert.equal(
    broken.length,
    0,
    first && `${broken.length} are broken: ${faultsOf(first).join(', ')}\n${drawTrace(first)}`,
  )
  assert.equal(traces.length, count)
}

test(`${stayingClicks} likes in quick succession are ${stayingClicks} whole traces`, async (t) => {
  const page = await openFeed(browser, product.url)
  await actAs(page, 'Worf')
  const buttons = likeButtonOf(page, 'Garek')
  await buttons.nth(cruds - 1).waitFor()
  await page.evaluate(() => scrollTo(0, 0))
  const startedAt = performance.now()
  for (let round = 0; round < stayingClicks / cruds; round++)
    for (let crud = 0; crud < cruds; crud++) await buttons.nth(crud).click({ noWaitAfter: true })
  t.diagnostic(`${stayingClicks} clicks in ${Math.round(performance.now() - startedAt)} ms`)
  await assertWhole(stayingClicks)
  await page.close()
})

const leave: Record<string, (page: Page) => Promise<unknown>> = {
  'the tab closed': async (page) => {
    const session = await browser.newBrowserCDPSession()
    const { targetInfo } = await (await page.context().newCDPSession(page)).send('Target.getTargetInfo')
    await session.send('Target.closeTarget', { targetId: targetInfo.targetId })
  },
  'another page opened': (page) => page.goto('about:blank'),
}

test(`${leavingClicks} likes are whole traces when the tab closes or navigates right after`, async () => {
  const ways = Object.values(leave)
  const contexts = await Promise.all(
    ['Garek', 'Worf'].map(async (name) => {
      const context = await browser.newContext()
      const page = await openFeed(context, product.url)
      await actAs(page, name)
      await page.close()
      return context
    }),
  )
  for (let click = 0; click < leavingClicks; click++) {
    const context = contexts[Math.floor(click / ways.length) % contexts.length] as BrowserContext
    const page = await openFeed(context, product.url)
    await page.locator('.account[data-known]').waitFor()
    await likeButtonOf(page, 'Garek').nth(click).click({ noWaitAfter: true })
    await ways[click % ways.length]?.(page)
    // Otherwise the next page, which loads meanwhile, takes the time that Chromium gives to the one that leaves.
    await collector.waitFor((spans) => clicks(spans).filter(isWhole).length > stayingClicks + click)
  }
  await assertWhole(stayingClicks + leavingClicks)
  for (const context of contexts) await context.close()
})

/** Until Notifications is pressed, each crud takes a fifth of a second to draw. */
const drawSlowly = (page: Page) =>
  page.evaluateHandle(() => {
    const { createElement } = document
    let startedCruds = 0
    const atPress = new Promise<{ hasStarted: boolean; shownCruds: number }>((resolve) => {
      const onPress = ({ target }: Event) => {
        if (!(target as Element).closest('[data-trace="notifications"]')) return
        document.createElement = createElement
        resolve({ hasStarted: startedCruds > 0, shownCruds: document.querySelectorAll('article').length })
      }
      addEventListener('pointerdown', onPress, { capture: true })
    })
    document.createElement = function (this: Document, name: string, options?: ElementCreationOptions) {
      if (name === 'article') startedCruds++
      const until = performance.now() + (name === 'article' ? 200 : 0)
      while (performance.now() < until);
      return createElement.call(this, name, options)
    } as typeof createElement
    return { atPress }
  })

test('a navigation is its own trace while the previous page still renders', async () => {
  const page = await openFeed(browser, product.url)
  await actAs(page, 'Worf')
  const since = collector.spans.length
  const rootsOf = (request: string) =>
    [...tracesOf(collector.spans.slice(since)).values()]
      .filter((trace) => trace.some(({ name, kind }) => kind === 'client' && name === request))
      .map((trace) => [trace.find(({ parentSpanId }) => parentSpanId === null)?.name, ...faultsOf(trace)])
  const list = page.waitForResponse(/\/api\/activities\/@garek/)
  const drawing = await drawSlowly(page)
  await page.getByRole('article').getByRole('link', { name: 'Garek' }).first().click()
  await list
  await page.getByRole('link', { name: 'Notifications' }).click({ noWaitAfter: true })
  assert.deepEqual(await drawing.evaluate(({ atPress }) => atPress), { hasStarted: true, shownCruds: 0 })
  await page.getByRole('heading', { name: 'Notifications' }).waitFor()
  const roots = () => rootsOf('GET /api/activities/notifications')
  // A trace arrives in several exports, and the click arrives after its requests.
  const isThere = () => roots().some(([root, ...faults]) => root !== undefined && faults.length === 0)
  await collector.waitFor(isThere).catch(() => {})
  assert.deepEqual(roots(), [['click notifications']])
  await page.close()
})
