import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'

/** Opens the feed and waits for its first cruds. */
export const openFeed = async (browser: Browser | BrowserContext, url: string): Promise<Page> => {
  const page = await browser.newPage()
  await page.goto(url)
  await page.getByRole('article').first().waitFor()
  return page
}

/** On a small screen or when signed in, these commands are in the account menu. */
const openAccountMenu = async (page: Page): Promise<void> => {
  await page.locator('[data-trace="account"]').click()
  // Playwright would scroll the page to a menu that is still moving.
  const rise = (menu: Element) => Promise.all(menu.getAnimations().map(({ finished }) => finished)).then(() => {})
  await page.getByRole('menu').evaluate(rise)
}

/** Signs in as one of the demo people, with clicks. */
export const actAs = async (page: Page, name: string): Promise<void> => {
  const account = page.locator('.account[data-known]')
  await account.waitFor()
  const button = account.getByRole('button', { name: 'Try it as…' })
  if (await button.isVisible()) await button.click()
  else {
    await openAccountMenu(page)
    await page.getByRole('menuitem', { name: /try it as|act as/i }).click()
  }
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: new RegExp(name) }).click()
  await dialog.waitFor({ state: 'hidden' })
}

export const openSignals = async (page: Page): Promise<void> => {
  const button = page.getByRole('button', { name: 'Signals' })
  if (await button.isVisible()) await button.click()
  else {
    await openAccountMenu(page)
    await page.getByRole('menuitem', { name: 'Signals' }).click()
  }
  await page.getByRole('button', { name: 'Break a promise' }).waitFor()
}

export const likeButtonOf = (page: Page, name: string): Locator =>
  page.getByRole('button', { name: new RegExp(`^Like ${name}`) })
