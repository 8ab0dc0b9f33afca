import type { Browser, Locator, Page } from 'playwright-core'

/** Opens the feed and waits until its first cruds stand there. */
export const openFeed = async (browser: Browser, url: string): Promise<Page> => {
  const page = await browser.newPage()
  await page.goto(url)
  await page.getByRole('article').first().waitFor()
  return page
}

/** Chooses one of the seeded people in the page, as a person would. */
export const actAs = async (page: Page, name: string): Promise<void> => {
  await page
    .getByRole('button', { name: /who acts|act as/i })
    .first()
    .click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: new RegExp(name) }).click()
  await dialog.waitFor({ state: 'hidden' })
}

export const likeButtonOf = (page: Page, name: string): Locator =>
  page.getByRole('button', { name: new RegExp(`^Like ${name}`) })
