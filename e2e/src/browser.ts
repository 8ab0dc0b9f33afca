import { type Browser, chromium } from 'playwright-core'

type Options = {
  /** Uses the back/forward cache, which Playwright turns off. */
  keepsPages?: boolean
}

export const launchBrowser = ({ keepsPages = false }: Options = {}): Promise<Browser> =>
  chromium.launch({
    ignoreDefaultArgs: keepsPages ? ['--disable-back-forward-cache'] : [],
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
