import type { Browser, Locator, Page } from 'playwright-core'

/** Opens the feed and waits until its first cruds stand there. */
export const openFeed = async (browser: Browser, url: string): Promise<Page> => {
  const page = await browser.newPage()
  await page.goto(url)
  await page.getByRole('article').first().waitFor()
  return page
}

/** What stands beside the page where there is room, and for nobody yet; else the menu of the account has it. */
const openAccountMenu = async (page: Page): Promise<void> => {
  await page.locator('[data-trace="account"]').click()
  // A menu that still rises in a bar that stays is scrolled to by whoever drives the browser, and the page with it.
  const rise = (menu: Element) => Promise.all(menu.getAnimations().map(({ finished }) => finished)).then(() => {})
  await page.getByRole('menu').evaluate(rise)
}

/** Chooses one of the seeded people in the page, as a person would. */
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
