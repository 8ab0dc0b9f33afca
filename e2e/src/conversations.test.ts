import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { eventually } from './eventually.ts'
import { startStage } from './stage.ts'

const { product, browser } = await startStage()

const openAs = async (handle: string) => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const ask = async (method: string, path: string, data?: object): Promise<unknown> => {
    const answer = await context.request.fetch(`${product.url}${path}`, {
      method,
      ...(data && { data }),
      headers: { origin: product.url },
    })
    assert.ok(answer.ok(), `${method} ${path}: ${answer.status()}`)
    return answer.json()
  }
  await ask('POST', '/api/session/demo', { handle })
  return { context, ask, page: await context.newPage() }
}

const bubble = (page: Page, text: string) => page.locator('.bubble', { hasText: text }).last()
const write = async (page: Page, text: string) => {
  const box = page.getByRole('main').getByRole('textbox')
  await box.fill(text)
  await box.press('Enter')
}
const unreadOf = async ({ ask }: Awaited<ReturnType<typeof openAs>>) =>
  ((await ask('GET', '/api/unread')) as { messages: number }).messages
/** How far a message is from the top of the window, in whole pixels. */
const topOf = async (page: Page, text: string) => Math.round((await bubble(page, text).boundingBox())?.y ?? Number.NaN)

test('the scroll position holds when older and newer messages arrive', async () => {
  const andrew = await openAs('andrewbrown')
  const worf = await openAs('worf')
  const { message_group_uuid } = (await andrew.ask('POST', '/api/messages', {
    handle: 'worf',
    message: 'This is where it began',
  })) as { message_group_uuid: string }
  for (let n = 1; n <= 70; n++)
    await (n % 2 ? andrew : worf).ask('POST', '/api/messages', { message_group_uuid, message: `Number ${n}.` })

  const { page } = andrew
  let letOlderCome = () => {}
  const mayCome = new Promise<void>((resolve) => {
    letOlderCome = resolve
  })
  await page.route('**/api/messages/*before=*', async (route) => {
    await mayCome
    await route.continue()
  })
  await page.goto(`${product.url}/messages/${message_group_uuid}`)
  await bubble(page, 'Number 70.').waitFor()
  const box = page.getByRole('region', { name: 'Messages' })
  const isAtEnd = () => box.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight < 2)
  assert.ok(await eventually(isAtEnd))

  await box.evaluate((element) => element.scrollTo(0, 0))
  const before = await topOf(page, 'Number 45.')
  letOlderCome()
  await bubble(page, 'Number 20.').waitFor({ state: 'attached' })
  assert.equal(await topOf(page, 'Number 45.'), before)

  await worf.ask('POST', '/api/messages', { message_group_uuid, message: 'Are you there?' })
  await page.getByRole('button', { name: /New message/ }).waitFor()
  assert.equal(await topOf(page, 'Number 45.'), before)
  assert.ok((await unreadOf(andrew)) > 0)

  await page.getByRole('button', { name: /New message/ }).click()
  assert.ok(await eventually(isAtEnd))
  await eventually(async () => (await unreadOf(andrew)) === 0)
  await worf.ask('POST', '/api/messages', { message_group_uuid, message: 'Good.' })
  await bubble(page, 'Good.').waitFor()
  assert.ok(await eventually(isAtEnd))
  await andrew.context.close()
  await worf.context.close()
})

test('an unsent message survives a reload and is sent once', async () => {
  const garek = await openAs('garek')
  const worf = await openAs('worf')
  const { page } = garek
  await page.goto(`${product.url}/messages/new/worf`)
  await write(page, 'Just a plain, simple message')
  await page.waitForURL(/\/messages\/[0-9a-f-]{36}$/)

  const unreachable = '**/api/messages'
  await page.route(unreachable, (route) => route.abort('internetdisconnected'))
  await write(page, 'Into the void')
  await page.getByText(/^Not sent/).waitFor()
  await page.getByRole('main').getByRole('textbox').fill('Half a thought')
  await page.reload()
  await page.getByText(/^Not sent/).waitFor()
  assert.equal(await page.getByRole('main').getByRole('textbox').inputValue(), 'Half a thought')

  // Only the answer is lost. The next try must not send the message twice.
  await page.unroute(unreachable)
  await page.route(unreachable, async (route) => {
    await route.fetch()
    await route.abort('connectionreset')
  })
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('Sending…').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Try again' }).waitFor()
  await page.unroute(unreachable)
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText(/^Not sent/).waitFor({ state: 'detached' })
  await eventually(async () => (await page.locator('.bubble', { hasText: 'Into the void' }).count()) === 1)

  await worf.page.goto(page.url())
  await bubble(worf.page, 'Into the void').waitFor()
  assert.equal(await worf.page.locator('.bubble', { hasText: 'Into the void' }).count(), 1)

  // The profile's link now leads to the existing conversation.
  const address = page.url()
  await page.goto(`${product.url}/messages/new/worf`)
  await page.waitForURL(address)
  await garek.context.close()
  await worf.context.close()
})

test('eight tabs share one stream, and another tab takes over when its owner closes', async () => {
  const andrew = await openAs('andrewbrown')
  const worf = await openAs('worf')
  let streams = 0
  andrew.context.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/events') streams += 1
  })
  const tabs = [andrew.page]
  await andrew.page.goto(product.url)
  await eventually(async () => streams === 1)
  while (tabs.length < 8) tabs.push(await andrew.context.newPage())
  for (const tab of tabs.slice(1)) {
    await tab.goto(product.url)
    await tab.getByRole('article').first().waitFor()
  }
  await worf.ask('POST', '/api/activities', { message: 'To every tab', ttl: '1-hour' })
  for (const tab of tabs) await tab.getByRole('button', { name: /new crud/ }).waitFor()
  assert.equal(streams, 1)

  await andrew.page.close()
  await eventually(async () => streams === 2)
  await worf.ask('POST', '/api/activities', { message: 'To those who are left', ttl: '1-hour' })
  for (const tab of tabs.slice(1)) await tab.getByRole('button', { name: /new crud/ }).waitFor()
  await andrew.context.close()
  await worf.context.close()
})
