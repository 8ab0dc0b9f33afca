import { existsSync } from 'node:fs'
import puppeteer from 'puppeteer-core'
import type { Page } from '../linkage/matrix.ts'

const executablePath = process.env.FIREFOX_PATH ?? ''

/** Why the tests with Firefox do not run. They double the time of the whole matrix, so they run on request. */
export const noFirefox = existsSync(executablePath) ? false : 'set FIREFOX_PATH to a Firefox'

export type FirefoxPage = Page & { goto: (url: string) => Promise<unknown>; close: () => Promise<void> }
type Firefox = { version: string; newPage: () => Promise<FirefoxPage>; close: () => Promise<void> }

/** The Firefox of this machine, over WebDriver BiDi. Playwright needs a patched one. */
export const launchFirefox = async (): Promise<Firefox> => {
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath, headless: true })
  return {
    version: await browser.version(),
    newPage: async () => {
      const page = await browser.newPage()
      return {
        goto: (url) => page.goto(url),
        close: () => page.close(),
        locator: (selector) => ({
          click: () => page.click(selector),
          focus: () => page.focus(selector),
          hover: () => page.hover(selector),
        }),
        mouse: { wheel: (deltaX, deltaY) => page.mouse.wheel({ deltaX, deltaY }) },
        keyboard: {
          press: (key) => page.keyboard.press(key === 'Space' ? ' ' : key),
        },
        evaluate: <Result>(run: (id: string) => Result, id: string) =>
          page.evaluate(run, id) as Promise<Awaited<Result>>,
      }
    },
    close: () => browser.close(),
  }
}
