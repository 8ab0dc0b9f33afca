import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { BrowserContext, Page } from 'playwright-core'
import { eventually } from './eventually.ts'
import { startStage } from './stage.ts'
import { createTraceCheck, type TraceCheck } from './trace-check.ts'

const password = 'a long enough password'

let context: BrowserContext
let page: Page
let traces: TraceCheck

const { collector, product, browser } = await startStage()

before(async () => {
  context = await browser.newContext({ baseURL: product.url, viewport: { width: 1440, height: 600 } })
  page = await context.newPage()
  await page.goto('/')
  await page.getByRole('article').first().waitFor()
  traces = createTraceCheck(collector, browser)
})

const focusedName = (): Promise<string | null> =>
  page.evaluate(() => document.activeElement?.getAttribute('name') ?? null)
const scrolled = (): Promise<number> => page.evaluate(() => scrollY)
const account = (of: Page) => of.getByRole('button', { name: /your account/i })

test('a form shows each mistake beside its field, focuses the first one and keeps the typed text', async () => {
  await page.getByRole('button', { name: /^Like/ }).first().click()
  const dialog = page.getByRole('dialog', { name: 'Sign in to continue' })
  await dialog.getByRole('button', { name: 'Make an account' }).click()
  await dialog.getByLabel('Name', { exact: true }).fill('Lwaxana Troi')
  await dialog.getByLabel('Password', { exact: true }).fill('short')
  await dialog.getByRole('button', { name: 'Sign up' }).click()

  await eventually(async () => (await focusedName()) === 'handle')
  const handle = dialog.getByLabel('Handle')
  assert.equal(await handle.getAttribute('aria-invalid'), 'true')
  const noteId = await handle.getAttribute('aria-describedby')
  assert.equal(await page.locator(`[id="${noteId}"]`).textContent(), 'A handle is needed.')
  await dialog.getByText('Password must have at least 10 characters.').waitFor()
  assert.equal(await dialog.getByLabel('Name', { exact: true }).inputValue(), 'Lwaxana Troi')
})

test('a like before signing in is saved after signing up, in the trace of that click', async () => {
  const dialog = page.getByRole('dialog', { name: 'Sign in to continue' })
  await dialog.getByLabel('Handle').fill('@Lwaxana')
  await dialog.getByLabel('Email').fill('lwaxana@example.com')
  await dialog.getByLabel('Password', { exact: true }).fill(password)
  const trace = await traces.expectOneTrace('submit sign up', () =>
    dialog.getByRole('button', { name: 'Sign up' }).click(),
  )
  const names = trace.map(({ name }) => name)
  assert.ok(names.includes('session.sign_up') && names.includes('activity.like'), names.join('\n'))
  await dialog.waitFor({ state: 'hidden' })
  await account(page).getByText('@lwaxana').waitFor()
})

test('all tabs of a browser agree on who is signed in', async () => {
  const other = await context.newPage()
  await other.goto('/sessions')
  await other.getByText('This one').waitFor()
  await account(page).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await other.getByText('You are not signed in').waitFor()

  await other.getByRole('main').getByRole('link', { name: 'Sign in' }).click()
  const form = other.getByRole('main')
  await form.getByLabel('Handle').fill('LWAXANA')
  await form.getByLabel('Password', { exact: true }).fill('not my password')
  await form.getByRole('button', { name: 'Sign in' }).click()
  await form.getByText('Handle and password do not match.').waitFor()
  await form.getByLabel('Password', { exact: true }).fill(password)
  await form.getByRole('button', { name: 'Sign in' }).click()

  await other.getByText('This one').waitFor()
  assert.equal(new URL(other.url()).pathname, '/sessions')
  await account(page).getByText('@lwaxana').waitFor()
  await other.close()
})

test('signing in never leads to another site', async () => {
  for (const from of ['//example.com', 'https://example.com/', '/\\example.com']) {
    await page.goto(`/signin?${new URLSearchParams({ from })}`)
    await page.getByRole('article').first().waitFor()
    assert.equal(page.url(), `${product.url}/`)
  }
})

test('a new page starts at its top, and going back restores the scroll position', async () => {
  await page.evaluate(() => scrollTo(0, 150))
  await eventually(async () => (await scrolled()) === 150)
  await page.getByRole('link', { name: 'Search', exact: true }).click()
  await page.getByRole('heading', { name: 'Search', level: 1 }).waitFor()
  assert.equal(await scrolled(), 0)
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'main')
  await page.goBack()
  await eventually(async () => (await scrolled()) === 150)
  await page.reload()
  await eventually(async () => (await scrolled()) === 150)
})

test('a broken page can be left by navigating away', async () => {
  await page.getByRole('button', { name: 'Signals' }).click()
  await page.getByRole('button', { name: 'Break this page' }).click()
  await page.getByText('This page broke').waitFor()
  await page.getByRole('link', { name: 'Search', exact: true }).click()
  await page.getByRole('heading', { name: 'Search', level: 1 }).waitFor()
})

test('arrow keys move through the menu, and closing it returns the focus', async () => {
  await account(page).focus()
  await page.keyboard.press('ArrowDown')
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim())
  await eventually(async () => (await focused()) === 'Profile')
  await page.keyboard.press('End')
  assert.equal(await focused(), 'Sign out')
  await page.keyboard.press('ArrowDown')
  assert.equal(await focused(), 'Profile')
  await page.keyboard.press('Escape')
  assert.match((await focused()) ?? '', /your account/i)
})
