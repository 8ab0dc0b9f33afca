import type { Locator, Page } from 'playwright-core'
import type { Act } from './ground-truth.ts'

export type Driver = {
  who: string
  page: Page
  handle: string
  /** The handle of the other person. */
  other: string
  random: () => number
}

type Step = Omit<Act, 'who' | 'name'> & {
  /** Prepares the page for the act. Requests of the preparation are not judged. */
  ready?: (driver: Driver) => Promise<unknown>
  run: (driver: Driver) => Promise<unknown>
}

const uuid = '[0-9a-f-]{36}'
const request = (method: string, path: string): RegExp => new RegExp(`^(?:${method}) ${path}$`)
const feedPage = request('GET', '/api/activities/home')
/** Requests for the side columns of a page. */
const sideRequests = [
  request('GET', '/api/trends'),
  request('GET', '/api/users/suggested'),
  request('GET', '/api/unread'),
  request('GET', '/api/trace-link'),
]

const at = (page: Page | Locator, trace: string): Locator => page.locator(`[data-trace="${trace}"]:visible`)
const main = (page: Page): Locator => page.getByRole('main')
const isAt = (page: Page, path: string): boolean => new URL(page.url()).pathname === path

const home = async ({ page }: Driver): Promise<void> => {
  if (!isAt(page, '/')) await at(page.getByRole('navigation', { name: 'Main' }), 'home').click()
  await main(page).getByRole('article').first().waitFor()
  await page.evaluate(() => scrollTo(0, 0))
}

const pick = async (list: Locator, random: () => number, most = 6): Promise<Locator> => {
  await list.first().waitFor()
  return list.nth(Math.floor(random() * Math.min(most, await list.count())))
}

const press =
  (trace: string) =>
  async ({ page, random }: Driver): Promise<void> =>
    (await pick(at(main(page), trace), random)).click()

const navigate =
  (trace: string) =>
  ({ page }: Driver): Promise<void> =>
    at(page.getByRole('navigation', { name: 'Main' }), trace).click()

const randomText = ({ random }: Driver): string => `drive ${Math.floor(random() * 1e9).toString(36)}`

const ownCruds = ({ page, handle }: Driver): Locator =>
  main(page)
    .locator('article')
    .filter({ has: page.locator(`.handle`, { hasText: `@${handle}` }) })
    .filter({ has: page.locator('[data-trace="ask delete"]') })

const composer = (page: Page): Locator => page.getByRole('form', { name: 'New crud' }).getByRole('textbox')
const postButton = (page: Page): Locator => page.locator('form[data-trace="post"] button[type="submit"]').first()

const write = async (driver: Driver): Promise<void> => {
  await home(driver)
  await composer(driver.page).fill(randomText(driver))
}

const search = async (driver: Driver): Promise<void> => {
  await navigate('search page')(driver)
  await main(driver.page).getByRole('searchbox').fill(randomText(driver))
}

const othersProfile = async ({ page, other }: Driver): Promise<void> => {
  await page.goto(`${new URL(page.url()).origin}/@${other}`)
  await main(page).getByRole('heading').first().waitFor()
  await main(page).locator('[data-trace="follow"], [data-trace="unfollow"]').first().waitFor()
}

const toggle = (on: string, off: string, path: string): Record<string, Step> => ({
  [on]: { root: on, must: [request('POST', path)], ready: home, run: press(on) },
  [off]: {
    root: off,
    must: [request('DELETE', path)],
    ready: async (driver) => {
      await home(driver)
      if ((await at(main(driver.page), off).count()) === 0) {
        const answer = driver.page.waitForResponse((response) => response.request().method() === 'POST')
        await press(on)(driver)
        await answer
      }
    },
    run: press(off),
  },
})

export const steps: Record<string, Step> = {
  ...toggle('like', 'unlike', `/api/activities/${uuid}/like`),
  ...toggle('repost', 'undo repost', `/api/activities/${uuid}/repost`),
  post: {
    root: 'post',
    must: [request('POST', '/api/activities')],
    may: [request('GET', '/api/trends')],
    ready: write,
    run: ({ page }) => postButton(page).click(),
  },
  'post by keyboard': {
    root: 'post',
    must: [request('POST', '/api/activities')],
    may: [request('GET', '/api/trends')],
    ready: write,
    run: ({ page }) => composer(page).press('Control+Enter'),
  },
  'send reply': {
    root: 'send reply',
    must: [request('POST', `/api/activities/${uuid}/reply`)],
    may: [request('GET', `/api/activities/@\\w+/status/${uuid}`)],
    ready: async (driver) => {
      await home(driver)
      const open = driver.page.locator('form[data-trace="send reply"]')
      if ((await open.count()) === 0) await press('reply')(driver)
      await open.first().getByRole('textbox').fill(randomText(driver))
    },
    run: ({ page }) => page.locator('form[data-trace="send reply"] button[type="submit"]').first().click(),
  },
  delete: {
    root: 'delete',
    must: [request('DELETE', `/api/activities/${uuid}`)],
    ready: async (driver) => {
      await home(driver)
      if ((await ownCruds(driver).count()) === 0) {
        await composer(driver.page).fill(randomText(driver))
        await postButton(driver.page).click()
      }
      await at(ownCruds(driver).first(), 'ask delete').first().click()
      await driver.page.getByRole('dialog').waitFor()
    },
    run: ({ page }) => at(page.getByRole('dialog'), 'delete').click(),
  },
  share: { root: null, ready: home, run: press('share') },
  'open a crud': {
    root: 'open crud',
    may: [request('GET', `/api/activities/@\\w+/status/${uuid}`), ...sideRequests],
    ready: home,
    run: press('open crud'),
  },
  'open a profile': {
    root: 'open profile',
    may: [request('GET', '/api/activities/@\\w+'), request('GET', '/api/users/@\\w+/short'), ...sideRequests],
    ready: home,
    run: ({ page, random }) => pick(main(page).locator('.crud-who:visible'), random).then((link) => link.click()),
  },
  'back in the history': {
    root: 'navigate',
    may: [feedPage, request('GET', '/api/activities/.*'), request('GET', '/api/users/.*'), ...sideRequests],
    ready: async (driver) => {
      await home(driver)
      await navigate('search page')(driver)
      await driver.page.getByRole('main').getByRole('searchbox').waitFor()
    },
    run: ({ page }) => page.goBack(),
  },
  home: { root: 'home', may: [feedPage, ...sideRequests], run: navigate('home') },
  'home, then scroll after a while': {
    root: 'load more',
    must: [feedPage],
    isTracePerRequest: true,
    ready: async (driver) => {
      await home(driver)
      await navigate('search page')(driver)
      await driver.page.getByRole('main').getByRole('searchbox').waitFor()
      await home(driver)
      await driver.page.waitForTimeout(driver.random() * 4_000)
    },
    run: (driver) => scroll(driver),
  },
  scroll: {
    root: 'load more',
    must: [feedPage],
    isTracePerRequest: true,
    ready: home,
    run: (driver) => scroll(driver),
  },
  following: {
    root: 'following',
    may: [feedPage, ...sideRequests],
    ready: home,
    run: press('following'),
  },
  everyone: {
    root: 'everyone',
    may: [feedPage, ...sideRequests],
    ready: async (driver) => {
      await home(driver)
      await press('following')(driver)
      await driver.page.waitForURL('**/following')
    },
    run: press('everyone'),
  },
  notifications: {
    root: 'notifications',
    may: [request('GET', '/api/activities/notifications'), request('POST', '/api/notifications/read'), ...sideRequests],
    ready: home,
    run: navigate('notifications'),
  },
  messages: {
    root: 'messages',
    may: [request('GET', '/api/message_groups'), ...sideRequests],
    ready: home,
    run: navigate('messages'),
  },
  'send a message': {
    root: 'send message',
    must: [request('POST', '/api/messages')],
    may: [
      request('GET', `/api/messages/.*`),
      request('GET', '/api/message_groups'),
      request('POST', `/api/messages/.*/read`),
    ],
    ready: async (driver) => {
      await othersProfile(driver)
      await at(main(driver.page), 'message').click()
      const box = main(driver.page).getByRole('textbox')
      await box.fill(randomText(driver))
    },
    run: ({ page }) => main(page).getByRole('textbox').press('Enter'),
  },
  search: {
    root: 'search',
    must: [request('GET', '/api/activities/search')],
    ready: search,
    run: ({ page }) => main(page).getByRole('searchbox').press('Enter'),
  },
  'search by its button': {
    root: 'search',
    must: [request('GET', '/api/activities/search')],
    ready: search,
    run: ({ page }) => main(page).locator('form[data-trace="search"] button[type="submit"]').click(),
  },
  'follow or unfollow': {
    root: 'follow',
    must: [request('POST|DELETE', '/api/users/@\\w+/follow')],
    may: [request('GET', '/api/users/suggested')],
    ready: async (driver) => {
      await othersProfile(driver)
      const following = at(main(driver.page), 'unfollow')
      if (await following.count()) {
        await following.first().click()
        await at(main(driver.page), 'follow').first().waitFor()
      }
    },
    run: ({ page }) => at(main(page), 'follow').first().click(),
  },
  profile: {
    root: 'profile',
    may: [request('GET', '/api/activities/@\\w+'), request('GET', '/api/users/@\\w+/short'), ...sideRequests],
    ready: home,
    run: navigate('profile'),
  },
  'save the profile': {
    root: 'save profile',
    must: [request('POST', '/api/profile/update')],
    may: [request('GET', '/api/activities/@\\w+'), request('GET', '/api/users/@\\w+/short')],
    ready: async (driver) => {
      await navigate('profile')(driver)
      await at(main(driver.page), 'edit profile').click()
      await driver.page.getByRole('dialog').getByLabel('About you').fill(randomText(driver))
    },
    run: ({ page }) => page.getByRole('dialog').locator('button[type="submit"]').click(),
  },
  theme: { root: null, run: ({ page }) => at(page, 'theme').first().click() },
  type: {
    root: null,
    ready: home,
    run: (driver) => composer(driver.page).pressSequentially(randomText(driver)),
  },
  'open and close the menu': {
    root: null,
    ready: home,
    run: async ({ page }) => {
      await at(page, 'account').first().click()
      await page.getByRole('menu').waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('menu').waitFor({ state: 'hidden' })
    },
  },
}

/** Scrolls by the wheel until the list loads more. */
const scroll = async ({ page }: Driver): Promise<void> => {
  const loaded = page.waitForRequest((sent) => /\/api\/activities\/home\?.*(cursor|after)=/.test(sent.url()))
  let isLoaded = false
  loaded.then(
    () => (isLoaded = true),
    () => (isLoaded = true),
  )
  await page.mouse.move(600, 400)
  for (let turn = 0; turn < 60 && !isLoaded; turn++) {
    await page.mouse.wheel(0, 700)
    await page.waitForTimeout(30)
  }
  await loaded
}
