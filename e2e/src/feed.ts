import type { Browser, Locator, Page } from 'playwright-core'

/** Opens the feed and waits until its first cruds stand there. */
export const openFeed = async (browser: Browser, url: string): Promise<Page> => {
  const page = await browser.newPage()
  await page.goto(url)
  await page.getByRole('article').first().waitFor()
  return page
}

/** From here on everything is spelled out beside the page; below, a menu holds it. */
const wide = 1_185

/** Chooses one of the seeded people in the page, as a person would. */
export const actAs = async (page: Page, name: string): Promise<void> => {
  const words = { name: /who acts|act as/i }
  if ((page.viewportSize()?.width ?? wide) >= wide) await page.getByRole('button', words).first().click()
  else {
    await page.getByRole('button', { name: /account$/i }).click()
    await page.getByRole('menuitem', words).click()
  }
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: new RegExp(name) }).click()
  await dialog.waitFor({ state: 'hidden' })
}

export const likeButtonOf = (page: Page, name: string): Locator =>
  page.getByRole('button', { name: new RegExp(`^Like ${name}`) })
