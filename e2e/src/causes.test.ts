import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { BrowserContext, Page, Request } from 'playwright-core'
import type { CollectedSpan } from './collector.ts'
import { eventually } from './eventually.ts'
import { startStage } from './stage.ts'
import { tracesOf } from './trace.ts'
import { untilQuiet } from './trace-check.ts'

let worf: Somebody
let garek: Somebody
/** Garek's second tab. */
let second: Page

type Sent = { readonly who: string; readonly call: string; readonly traceId: string | null }
type Somebody = { readonly context: BrowserContext; readonly page: Page }

/** Every API request of a page, with the trace id that the browser sent. */
const sent: Sent[] = []

const untraced = new Set(['/api/events', '/api/health-check'])

const note = (who: string, request: Request): void => {
  const { pathname } = new URL(request.url())
  if (!pathname.startsWith('/api/') || untraced.has(pathname)) return
  const traceId = request.headers().traceparent?.split('-')[1] ?? null
  sent.push({ who, call: `${request.method()} ${pathname.replace(/[0-9a-f-]{36}/, ':uuid')}`, traceId })
}

const openAs = async (handle: string): Promise<Somebody> => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const answer = await context.request.post(`${product.url}/api/session/demo`, { data: { handle } })
  assert.equal(answer.status(), 200)
  context.on('request', (request) => note(handle, request))
  return { context, page: await context.newPage() }
}

const goTo = async (page: Page, path: string): Promise<void> => {
  await page.goto(product.url + path)
  await page.getByRole('button', { name: /your account/i }).waitFor()
}

const { collector, product, browser } = await startStage()

before(async () => {
  worf = await openAs('worf')
  garek = await openAs('garek')
  second = await garek.context.newPage()
})

const rootOf = (traceId: string | null): CollectedSpan | undefined =>
  (traceId === null ? [] : (tracesOf(collector.spans).get(traceId) ?? [])).find(
    ({ parentSpanId, service }) => parentSpanId === null && service === 'cruddur-frontend',
  )

const isNamed = (root: CollectedSpan | undefined): root is CollectedSpan => root !== undefined && root.kind !== 'client'

const told = ({ who, call, traceId }: Sent): string => `${who}: ${call} under ${rootOf(traceId)?.name ?? 'nothing'}`

/** The requests that `act` caused. Each belongs to a root that the page named. */
const requestsOf = async (act: () => Promise<unknown>): Promise<Sent[]> => {
  const before = sent.length
  await act()
  await untilQuiet(collector)
  const asked = sent.slice(before)
  await eventually(() => asked.every(({ traceId }) => rootOf(traceId) !== undefined)).catch(() => {})
  assert.deepEqual(asked.filter(({ traceId }) => !isNamed(rootOf(traceId))).map(told), [])
  return asked
}

/** Worf changes something. The reads that this causes in Garek's pages link to Worf's trace. */
const causes = async (write: RegExp, act: () => Promise<unknown>): Promise<string[]> => {
  const asked = await requestsOf(act)
  const cause = asked.find(({ who, call }) => who === 'worf' && write.test(call))
  assert.ok(cause, `worf did not send ${write}: ${asked.map(told)}`)
  const reread = asked.filter(({ who, call }) => who === 'garek' && call.startsWith('GET'))
  for (const request of reread) {
    const root = rootOf(request.traceId)
    assert.match(root?.name ?? '', /^live /, told(request))
    const linked = root?.links.map(({ traceId }) => traceId) ?? []
    // In between, Garek's own page may have marked something as read, which is another cause.
    const own = asked
      .filter(({ who, call }) => who === 'garek' && call.startsWith('POST'))
      .map(({ traceId }) => traceId)
    assert.ok(linked.length > 0 && linked.every((id) => id === cause.traceId || own.includes(id)), told(request))
  }
  assert.ok(
    reread.some(({ traceId }) => rootOf(traceId)?.links.some((link) => link.traceId === cause.traceId)),
    `nothing is linked to ${told(cause)}: ${asked.map(told)}`,
  )
  return [...new Set(reread.map(({ traceId }) => traceId as string))]
}

test('a follow causes a few reads in the other user’s pages, each linked to the follow', async (t) => {
  await goTo(garek.page, '/@garek')
  await goTo(second, '/notifications')
  await goTo(worf.page, '/@garek')
  await untilQuiet(collector)
  const traces = await causes(/^POST .*follow$/, () =>
    worf.page
      .getByRole('main')
      .getByRole('button', { name: /^Follow/ })
      .click(),
  )
  t.diagnostic(`${traces.length} traces: ${traces.map((traceId) => rootOf(traceId)?.name)}`)
  assert.ok(traces.length <= 4, `${traces.length} traces`)
})

test('a reply, a message and a new name are linked to the reads that they cause', async () => {
  const crud = await garek.context.request.post(`${product.url}/api/activities`, {
    data: { message: 'Plain, simple Garak.', ttl: '1-day' },
  })
  const { uuid } = (await crud.json()) as { uuid: string }
  await goTo(garek.page, `/@garek/status/${uuid}`)
  await goTo(worf.page, `/@garek/status/${uuid}`)
  await untilQuiet(collector)
  await causes(/^POST .*reply$/, async () => {
    const form = worf.page.getByRole('form', { name: /Reply to/ }).first()
    await form.getByRole('textbox').fill('There is no honour in tailoring.')
    await form.getByRole('button', { name: 'Reply' }).click()
  })

  await goTo(second, '/messages')
  await goTo(worf.page, '/messages/new/garek')
  await untilQuiet(collector)
  await causes(/^POST .*messages$/, async () => {
    await worf.page.getByRole('main').getByRole('textbox').fill('I need a uniform.')
    await worf.page.getByRole('main').getByRole('textbox').press('Enter')
  })

  await goTo(garek.page, '/@worf')
  await goTo(worf.page, '/@worf')
  await untilQuiet(collector)
  await causes(/^POST .*profile/, async () => {
    await worf.page.getByRole('button', { name: 'Edit profile' }).click()
    await worf.page.getByRole('dialog').getByLabel('Name').fill('Son of Mogh')
    await worf.page.getByRole('dialog').getByRole('button', { name: /^Save/ }).click()
  })
})

test('requests without a click have a root that names their reason', async (t) => {
  const rootsOf = async (act: () => Promise<unknown>) => {
    const asked = await requestsOf(act)
    assert.ok(asked.length > 0, 'no request was sent')
    const names = [...new Set(asked.map(({ traceId }) => rootOf(traceId)?.name))]
    t.diagnostic(`${asked.length} requests: ${names}`)
    return names
  }
  await goTo(garek.page, '/notifications')
  await goTo(second, '/messages')
  await untilQuiet(collector)
  assert.deepEqual(await rootsOf(() => garek.page.evaluate(() => dispatchEvent(new Event('focus')))), ['page focus'])
  const connection = await rootsOf(async () => {
    await garek.context.setOffline(true)
    await garek.context.setOffline(false)
  })
  assert.ok(connection.includes('page reconnect'), String(connection))

  let refused = 0
  await garek.page.route('**/api/activities/notifications', (route) => {
    refused++
    return refused > 2
      ? route.continue()
      : route.fulfill({
          status: 503,
          headers: { 'retry-after': '1' },
          json: { code: 'unavailable', message: 'Later.', traceId: null },
        })
  })
  const away = await rootsOf(async () => {
    await garek.page.evaluate(() => dispatchEvent(new Event('focus')))
    await eventually(() => refused > 2)
  })
  assert.ok(away.includes('page poll'), String(away))
})

test('signing out in one tab is the cause of the reads in the other tab', async () => {
  await goTo(garek.page, '/')
  await goTo(second, '/')
  await untilQuiet(collector)
  const asked = await requestsOf(async () => {
    await second.locator('[data-trace="account"]').click()
    await second.getByRole('menuitem', { name: 'Sign out' }).click()
    await garek.page.getByRole('link', { name: 'Sign in' }).first().waitFor()
  })
  const cause = asked.find(({ call }) => call === 'DELETE /api/session')
  const synced = asked.map(({ traceId }) => rootOf(traceId)).filter((root) => root?.name === 'sync session')
  assert.ok(synced.length > 0, asked.map(told).join('\n'))
  for (const root of synced)
    assert.deepEqual(
      root?.links.map(({ traceId }) => traceId),
      [cause?.traceId],
    )
})

test('every request of a page has a trace with a root', () => {
  assert.ok(sent.length > 50, `${sent.length} requests`)
  assert.deepEqual(sent.filter(({ traceId }) => !isNamed(rootOf(traceId))).map(told), [])
})
