import type { Browser, Locator, Page } from 'playwright-core'

/** A user with a browser of their own. */
export type Person = {
  readonly handle: string
  readonly name: string
  readonly page: Page
  /** Navigates with the main navigation. */
  readonly go: (label: string) => Promise<void>
  /** The crud with this message. */
  readonly crud: (message: string) => Locator
  readonly close: () => Promise<void>
}

type Options = { handle: string; name: string; colorScheme?: 'dark' | 'light' }

export const openBrowserOf = async (browser: Browser, url: string, options: Options): Promise<Person> => {
  const { handle, name, colorScheme = 'dark' } = options
  const context = await browser.newContext({ colorScheme, viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  await page.goto(url)
  await page.getByRole('article').first().waitFor()
  return {
    handle,
    name,
    page,
    go: async (label) => {
      await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: label }).click()
    },
    crud: (message) => page.locator('.crud').filter({ has: page.locator('.crud-message', { hasText: message }) }),
    close: () => context.close(),
  }
}
