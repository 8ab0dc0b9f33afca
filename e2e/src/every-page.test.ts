import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { livePath } from '@cruddur/shared/live'
import { relayPath } from '@cruddur/wire/names'
import type { BrowserContext, Locator, Page, Route } from 'playwright-core'
import { axeFaultsOf } from './axe.ts'
import { runOn } from './database.ts'
import { eventually } from './eventually.ts'
import { startStage } from './stage.ts'

const sizes = { 'on a desktop': { width: 1440, height: 900 }, 'on a phone': { width: 390, height: 844 } }
type Size = keyof typeof sizes
const themes = ['dark', 'light'] as const
const mostShift = 0.02
const settledMs = 250

/** The longest values, without a place where a line could break. */
const long = {
  handle: 'w'.repeat(30),
  name: 'M'.repeat(60),
  bio: 'Ä'.repeat(160),
  tag: 'x'.repeat(50),
  message: `${'W'.repeat(180)} #${'x'.repeat(50)} @${'w'.repeat(30)}`,
  reply: 'Q'.repeat(1_024),
}
const crud = '00000000-0000-4000-8000-000000000001'
const reply = '00000000-0000-4000-8000-000000000002'
const conversation = '00000000-0000-4000-8000-000000000003'
const nothing = '00000000-0000-4000-8000-00000000000f'

const user = (handle: string): string => `(SELECT uuid FROM users WHERE handle = '${handle}')`
const [wide, worf, andrew] = [user(long.handle), user('worf'), user('andrewbrown')]

const data = `
  INSERT INTO users (handle, display_name, bio, demo, followers_count, following_count)
  VALUES ('${long.handle}', '${long.name}', '${long.bio}', true, 1234567, 1), ('rom', 'Rom', '', true, 0, 0);
  INSERT INTO follows (follower_uuid, followed_uuid) VALUES (${wide}, ${worf}), (${worf}, ${wide});

  INSERT INTO activities (uuid, user_uuid, message, reply_to_activity_uuid, replies_count, likes_count, created_at, expires_at)
  VALUES ('${crud}', ${wide}, '${long.message}', NULL, 5, 1234567, now(), now() + interval '1 hour'),
    ('${reply}', ${worf}, '${long.reply}', '${crud}', 0, 0, now() - interval '5 minutes', now() + interval '1 hour');
  INSERT INTO activities (user_uuid, message, reply_to_activity_uuid, created_at, expires_at)
  SELECT ${worf}, 'Reply ' || n || ' מילים عربي 👩‍👩‍👧‍👦', '${crud}', now() - n * interval '1 minute', now() + interval '1 hour'
  FROM generate_series(1, 4) AS n;
  INSERT INTO activities (user_uuid, message, created_at, expires_at)
  SELECT ${worf}, 'Honor, said for the ' || n || '. time', now() - n * interval '1 minute', now() + interval '1 day'
  FROM generate_series(1, 6) AS n;
  INSERT INTO hashtags (activity_uuid, tag, user_uuid, created_at, expires_at)
  SELECT uuid, '${long.tag}', user_uuid, created_at, expires_at FROM activities WHERE uuid = '${crud}';
  INSERT INTO reposts (user_uuid, activity_uuid) VALUES (${worf}, '${crud}');

  INSERT INTO message_groups (uuid, first_uuid, second_uuid)
  SELECT '${conversation}', least(${wide}, ${worf}), greatest(${wide}, ${worf});
  INSERT INTO message_group_members (message_group_uuid, user_uuid, other_uuid)
  VALUES ('${conversation}', ${wide}, ${worf}), ('${conversation}', ${worf}, ${wide});
  INSERT INTO messages (message_group_uuid, user_uuid, message, created_at)
  SELECT '${conversation}', CASE WHEN n % 3 = 0 THEN ${wide} ELSE ${worf} END,
    CASE WHEN n % 5 = 0 THEN '${'V'.repeat(400)}' ELSE 'Message ' || n END, now() - n * interval '7 hours'
  FROM generate_series(0, 40) AS n;
  INSERT INTO message_groups (first_uuid, second_uuid) SELECT least(${wide}, ${andrew}), greatest(${wide}, ${andrew});
  INSERT INTO message_group_members (message_group_uuid, user_uuid, other_uuid, unread_count)
  SELECT uuid, ${wide}, ${andrew}, 120 FROM message_groups WHERE uuid <> '${conversation}'
  UNION ALL SELECT uuid, ${andrew}, ${wide}, 0 FROM message_groups WHERE uuid <> '${conversation}';
  INSERT INTO messages (message_group_uuid, user_uuid, message)
  SELECT uuid, ${andrew}, '${'V'.repeat(400)}' FROM message_groups WHERE uuid <> '${conversation}';

  INSERT INTO notifications (user_uuid, actor_uuid, kind, activity_uuid, expires_at)
  SELECT ${wide}, ${worf}, kind, CASE WHEN kind IN ('like', 'repost') THEN '${crud}'::uuid WHEN kind <> 'follow' THEN '${reply}' END,
    now() + interval '1 hour'
  FROM unnest(ARRAY['reply', 'like', 'repost', 'mention', 'follow']) AS kind;`

type Person = 'signed out' | 'with a password' | 'with the longest name' | 'new'
const handles = new Map<Person, string>([
  ['with the longest name', long.handle],
  ['new', 'rom'],
])

type Look = {
  name: string
  /** Opens this path before. */
  path?: string
  title?: string
  /** Runs before the page opens. */
  prepare?: (page: Page) => unknown
  /** What the user does first. */
  act?: (page: Page, size: Size) => Promise<unknown>
  /** What is visible then. */
  seen: (page: Page) => Locator
}

type Scene = Look & {
  path: string
  who?: Person
  title: string
  /** A request fails, and the browser logs that. */
  isRefused?: boolean
  /** A draft stays in the browser's storage, so the scene gets its own browser. */
  leavesDraft?: boolean
  /** What to look at next in the same page. */
  further?: Look[]
}

const signedIn = new Map<Person, Awaited<ReturnType<BrowserContext['storageState']>>>()
const browsers = new Map<string, Promise<BrowserContext>>()

const { product, browser } = await startStage({ env: { REQUESTS_PER_MINUTE: '6000' } })

before(async () => {
  await runOn(product.databaseUrl, data)
  for (const [who, handle] of handles) {
    const visit = await browser.newContext()
    await visit.request.post(`${product.url}/api/session/demo`, { data: { handle } })
    signedIn.set(who, await visit.storageState())
    await visit.close()
    await fetch(`${product.url}/api/session/demo`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ handle }),
    })
  }
  await signUpIn('with a password')
})

const signUpIn = async (who: Person): Promise<void> => {
  const visit = await browser.newContext()
  const json = {
    handle: 'curzon',
    display_name: 'Jadzia',
    email: 'jadzia@ds9.example',
    password: 'seven lives, one friend',
  }
  const answer = await visit.request.post(`${product.url}/api/signup`, { data: json })
  assert.equal(answer.status(), 200)
  signedIn.set(who, await visit.storageState())
  await visit.close()
}

const browserOf = (who: Person, size: Size): Promise<BrowserContext> => {
  const key = `${who} ${size}`
  const known = browsers.get(key) ?? openBrowser(who, size)
  browsers.set(key, known)
  return known
}

const openBrowser = async (who: Person, size: Size): Promise<BrowserContext> => {
  const storageState = signedIn.get(who)
  const context = await browser.newContext({
    viewport: sizes[size],
    isMobile: size === 'on a phone',
    hasTouch: size === 'on a phone',
    reducedMotion: 'reduce',
    ...(storageState && { storageState }),
  })
  await context.addInitScript(watchShifts)
  return context
}

type Shift = PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node?: Node }[] }
type Watched = typeof globalThis & { shifts: { value: number; of: string[] }[] }

const watchShifts = (): void => {
  const page = globalThis as Watched
  page.shifts = []
  const elementOf = ({ node }: { node?: Node }) => (node instanceof Element ? node : node?.parentElement)
  /** An action of the scene before may end now, and its row moves the cards below. */
  const isOfLastActions = (source: { node?: Node }) => Boolean(elementOf(source)?.closest('.last-actions'))
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries() as Shift[])
      if (!hadRecentInput && !sources.some(isOfLastActions))
        page.shifts.push({
          value,
          of: sources
            .map((source) => elementOf(source)?.cloneNode())
            .map((node) => (node instanceof Element ? node.outerHTML.slice(0, 80) : '?')),
        })
  }).observe({ type: 'layout-shift', buffered: true })
}

const api = (url: URL): boolean => url.pathname.startsWith('/api/') && url.pathname !== livePath
const besidesSession = (url: URL): boolean => api(url) && url.pathname !== '/api/session'

/** Answers arrive one after the other, so a late one could shift the page. */
const answerOneAfterTheOther = async (route: Route): Promise<void> => {
  const { pathname } = new URL(route.request().url())
  await setTimeout(20 + ((pathname.length * 37) % 140))
  await route.continue().catch(() => {})
}

const unreachable = (page: Page, which = besidesSession) =>
  page.route(which, (route) => route.abort('connectionrefused'))
const neverAnswered = (page: Page, which = besidesSession) => page.route(which, () => {})
const releases = new WeakMap<Page, () => void>()
/** Answers these requests when `release` is called. */
const hold = async (page: Page, which = besidesSession): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>()
  releases.set(page, resolve)
  await page.route(which, async (route) => {
    await promise
    await route.fallback()
  })
}
const release = (page: Page) => releases.get(page)?.()
const repaired = (page: Page) => page.unroute(besidesSession)
const broken = (page: Page) =>
  page.route(besidesSession, (route) =>
    route.fulfill({
      status: 500,
      json: {
        code: 'internal',
        message: 'Something went wrong on our side.',
        traceId: '0af7651916cd43dd8448eb211c80319c',
      },
    }),
  )

const main = (page: Page) => page.getByRole('main')
const dialog = (page: Page) => page.getByRole('dialog')
const openAccount = (page: Page) => page.getByRole('button', { name: /account$/i }).click()
const openPanel = async (page: Page, size: Size, desktop: string, phone: string): Promise<void> => {
  if (size === 'on a desktop') return page.getByRole('button', { name: desktop }).click()
  await openAccount(page)
  await page.getByRole('menuitem', { name: phone }).click()
}

const wideOne = { who: 'with the longest name' } as const
const newOne = { who: 'new' } as const
const trouble = { isRefused: true, seen: (page: Page) => main(page).getByRole('alert') }
const isLoading = (page: Page) => main(page).locator('[aria-busy]').first()
const bones = { prepare: (page: Page) => neverAnswered(page), seen: isLoading }
const saying = (words: string) => (page: Page) => main(page).getByText(words)

const scenes: Scene[] = [
  {
    name: 'home',
    path: '/',
    ...wideOne,
    title: 'Home',
    seen: (page) => main(page).getByText(/^W+ /),
    further: [
      {
        name: 'the account menu',
        act: openAccount,
        seen: (page) => page.getByRole('menuitem', { name: 'Sign out' }),
      },
      {
        name: 'confirming a delete',
        act: async (page) => {
          await page.keyboard.press('Escape')
          await main(page).getByRole('button', { name: 'Delete your crud' }).click()
        },
        seen: (page) => dialog(page).getByRole('button', { name: 'Delete' }),
      },
      {
        name: 'signals',
        act: async (page, size) => {
          await page.keyboard.press('Escape')
          await openPanel(page, size, 'Signals', 'Signals')
        },
        seen: (page) => dialog(page).getByRole('heading', { name: 'Break something' }),
      },
      {
        name: 'offline',
        act: async (page) => {
          await page.keyboard.press('Escape')
          await page.evaluate(() => {
            Object.defineProperty(navigator, 'onLine', { value: false, configurable: true })
            dispatchEvent(new Event('offline'))
          })
        },
        seen: (page) => page.getByText('Offline'),
      },
    ],
  },
  {
    name: 'home, signed out',
    path: '/',
    title: 'Home',
    seen: (page) => main(page).getByText(/^W+ /),
    further: [
      {
        name: 'sign in to continue',
        act: (page) => main(page).getByRole('button', { name: /^Like/ }).first().click(),
        seen: (page) => dialog(page).getByRole('heading', { name: 'Sign in to continue' }),
      },
      {
        name: 'sign up to continue',
        act: (page) => dialog(page).getByRole('button', { name: 'Make an account' }).click(),
        seen: (page) => dialog(page).getByLabel('Handle'),
      },
    ],
  },
  {
    name: 'following',
    path: '/following',
    ...wideOne,
    title: 'Following',
    seen: (page) => main(page).getByText('said for the 1. time'),
  },
  {
    name: 'following no one yet',
    path: '/following',
    ...newOne,
    title: 'Following',
    seen: (page) => main(page).getByText('Nothing here yet'),
  },
  {
    name: 'following, signed out',
    path: '/following',
    title: 'Following',
    seen: (page) => main(page).getByText('Sign in to see your feed'),
  },
  {
    name: 'the composer in a dialog, with a text that is too long',
    leavesDraft: true,
    path: '/search',
    ...wideOne,
    title: 'Search',
    act: async (page) => {
      await page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name: 'Crud' }).click()
      await dialog(page).getByRole('textbox').fill('W'.repeat(300))
    },
    seen: (page) => dialog(page).getByText(/20/).first(),
  },
  {
    name: 'a crud with its replies',
    path: `/@${long.handle}/status/${crud}`,
    ...wideOne,
    title: `Crud by @${long.handle}`,
    seen: (page) => main(page).getByText('Reply 1'),
  },
  {
    name: 'a reply below its parent',
    path: `/@worf/status/${reply}`,
    title: 'Crud by @worf',
    seen: (page) => main(page).getByText(/^Q+$/),
  },
  {
    name: 'your own profile',
    path: `/@${long.handle}`,
    ...wideOne,
    title: `@${long.handle}`,
    seen: (page) => main(page).getByText(/^W+ /).first(),
    further: [
      {
        name: 'editing the profile',
        act: (page) => page.getByRole('button', { name: 'Edit profile' }).click(),
        seen: (page) => dialog(page).getByLabel('About you'),
      },
    ],
  },
  {
    name: 'another profile',
    path: `/@${long.handle}`,
    ...newOne,
    title: `@${long.handle}`,
    seen: (page) => main(page).getByText(/^W+ /).first(),
  },
  {
    name: 'search',
    path: '/search',
    title: 'Search',
    seen: (page) => main(page).getByRole('link', { name: new RegExp(long.tag) }),
  },
  {
    name: 'search results with people and cruds',
    path: `/search?term=@${long.handle}`,
    ...newOne,
    title: 'Search',
    seen: (page) => main(page).getByRole('region', { name: 'People' }),
  },
  {
    name: 'search results with cruds',
    path: '/search?term=honor',
    title: 'Search',
    seen: (page) => main(page).getByRole('article').first(),
  },
  {
    name: 'no search results',
    path: `/search?term=${'z'.repeat(100)}`,
    title: 'Search',
    seen: (page) => main(page).getByText('Nothing found'),
  },
  {
    name: 'notifications that are new',
    path: '/notifications',
    ...wideOne,
    title: 'Notifications',
    // Keeps the notifications new for the next scene. An unanswered request could still be sent when the page closes.
    prepare: (page) =>
      page.route('**/api/notifications/read', (route) => route.fulfill({ json: { notifications: 0, messages: 0 } })),
    seen: (page) => main(page).getByText('New:').first(),
  },
  {
    name: 'conversations',
    path: '/messages',
    ...wideOne,
    title: 'Messages',
    seen: (page) => main(page).getByText('unread').first(),
  },
  {
    name: 'a conversation',
    path: `/messages/${conversation}`,
    ...wideOne,
    title: 'Conversation',
    seen: (page) => main(page).getByText('Message 1', { exact: true }),
  },
  {
    name: 'a conversation, signed out',
    path: `/messages/${conversation}`,
    title: 'Conversation',
    seen: (page) => main(page).getByText('Sign in to see your messages'),
  },
  {
    name: 'a new conversation',
    path: `/messages/new/${long.handle}`,
    ...newOne,
    title: 'New conversation',
    seen: (page) => main(page).getByRole('textbox'),
  },
  {
    name: 'sessions',
    path: '/sessions',
    ...wideOne,
    title: 'Sessions',
    seen: (page) => main(page).getByText('This one'),
    further: [
      {
        name: 'confirming to sign out elsewhere',
        act: (page) => page.getByRole('button', { name: 'Sign out everywhere else' }).click(),
        seen: (page) => dialog(page).getByRole('button', { name: 'Sign out elsewhere' }),
      },
    ],
  },
  {
    name: 'settings',
    path: '/account',
    who: 'with a password',
    title: 'Settings',
    seen: (page) => main(page).getByRole('button', { name: 'Download as JSON' }),
    further: [
      {
        name: 'a password that is refused',
        act: async (page) => {
          await main(page).getByLabel('Current password').fill('a wrong one')
          await main(page).getByLabel('New password').fill('1234567890')
          await page.keyboard.press('Enter')
        },
        seen: (page) => main(page).getByText('New password is one of the most common'),
      },
      {
        name: 'confirming to erase the account',
        act: async (page) => {
          await page.getByRole('button', { name: 'Erase my account' }).click()
          await dialog(page).getByLabel('Password', { exact: true }).fill('a wrong one')
          await page.keyboard.press('Enter')
        },
        seen: (page) => dialog(page).getByText('Password is wrong'),
      },
    ],
    isRefused: true,
  },
  {
    name: 'settings of a demo user',
    path: '/account',
    ...newOne,
    title: 'Settings',
    seen: (page) => main(page).getByText('cannot be erased'),
  },
  { name: 'sign in', path: '/signin', title: 'Sign in', seen: (page) => main(page).getByLabel('Handle') },
  {
    name: 'sign up, refused',
    path: '/signup',
    title: 'Sign up',
    isRefused: true,
    act: (page) => main(page).getByRole('button', { name: 'Sign up' }).click(),
    seen: (page) => main(page).locator('[aria-invalid]').first(),
  },
  {
    name: 'no such page',
    path: '/no/such/page',
    title: 'Page not found',
    seen: (page) => main(page).getByText('There is no such page'),
  },
  {
    name: 'an unsent crud',
    leavesDraft: true,
    path: '/',
    ...newOne,
    title: 'Home',
    isRefused: true,
    act: async (page) => {
      await unreachable(page, ({ pathname }) => pathname === '/api/activities')
      await main(page).getByRole('textbox', { name: 'What is going on?' }).fill('W'.repeat(280))
      await main(page).getByRole('button', { name: 'Crud it' }).click()
    },
    seen: (page) => main(page).getByText('Waiting to be sent'),
  },
  {
    name: 'home when nothing answers',
    path: '/',
    title: 'Home',
    prepare: (page) => unreachable(page, api),
    ...trouble,
  },
  { name: 'a profile when the server fails', path: '/@worf', title: '@worf', prepare: broken, ...trouble },
  {
    name: 'a conversation when the server fails',
    path: `/messages/${conversation}`,
    ...wideOne,
    title: 'Conversation',
    prepare: broken,
    ...trouble,
  },
  { name: 'home while it loads', path: '/', title: 'Home', ...bones },
  {
    name: 'a conversation while it loads',
    path: `/messages/${conversation}`,
    ...wideOne,
    title: 'Conversation',
    ...bones,
  },
  {
    name: 'a like, its toast and the last actions',
    path: '/',
    ...newOne,
    title: 'Home',
    act: async (page, size) => {
      // Each size has its own crud: both act as the same user, and would undo each other's likes.
      const like = main(page)
        .getByRole('button', { name: /^Like/ })
        .nth(size === 'on a desktop' ? 0 : 1)
      for (let n = 0; n < 5; n++) {
        await like.click()
        await page.getByRole('button', { name: 'Dismiss' }).click()
      }
      await openPanel(page, size, 'All', 'Your last actions')
    },
    seen: (page) =>
      dialog(page)
        .getByText(/^Liked/)
        .first(),
  },
  {
    name: 'a profile while it loads',
    path: '/@worf',
    title: '@worf',
    isRefused: true,
    ...bones,
    further: [
      {
        name: 'a crud while it loads',
        path: `/@worf/status/${reply}`,
        title: 'Crud by @worf',
        seen: isLoading,
      },
      {
        name: 'a crud when the server fails',
        path: `/@worf/status/${crud}`,
        title: 'Crud by @worf',
        prepare: broken,
        seen: trouble.seen,
      },
      { name: 'a search when the server fails', path: '/search?term=honor', title: 'Search', seen: trouble.seen },
      {
        name: 'a crud that has expired',
        path: `/@worf/status/${nothing}`,
        title: 'Crud by @worf',
        prepare: repaired,
        seen: saying('This crud has expired'),
      },
      {
        name: 'an account that does not exist',
        path: '/@nobody_here',
        title: '@nobody_here',
        seen: saying('This account doesn’t exist'),
      },
      {
        name: 'notifications, signed out',
        path: '/notifications',
        title: 'Notifications',
        seen: saying('Sign in to see your notifications'),
      },
      {
        name: 'conversations, signed out',
        path: '/messages',
        title: 'Messages',
        seen: saying('Sign in to see your messages'),
      },
      { name: 'settings, signed out', path: '/account', title: 'Settings', seen: saying('You are not signed in') },
    ],
  },
  {
    name: 'notifications before the page knows who is signed in',
    path: '/notifications',
    ...newOne,
    title: 'Notifications',
    prepare: async (page) => {
      await hold(page, ({ pathname }) => pathname === '/api/session')
      await neverAnswered(page)
    },
    seen: isLoading,
    further: [
      {
        name: 'a new conversation while it loads',
        path: '/messages/new/worf',
        title: 'New conversation',
        prepare: async (page) => {
          release(page)
          await page.locator('.account[data-known]').waitFor()
        },
        seen: isLoading,
      },
      {
        name: 'notifications while they load',
        prepare: async (page) => {
          await repaired(page)
          await hold(page)
        },
        path: '/notifications',
        seen: isLoading,
      },
      { name: 'no notifications', act: async (page) => release(page), seen: saying('Nothing yet') },
      { name: 'no conversations', path: '/messages', title: 'Messages', seen: saying('No conversations yet') },
    ],
  },
  {
    name: 'notifications when the server fails',
    path: '/notifications',
    ...wideOne,
    title: 'Notifications',
    prepare: broken,
    ...trouble,
    further: [
      { name: 'conversations when the server fails', path: '/messages', title: 'Messages', seen: trouble.seen },
      { name: 'sessions when the server fails', path: '/sessions', title: 'Sessions', seen: trouble.seen },
      {
        name: 'no such conversation',
        path: `/messages/${nothing}`,
        title: 'Conversation',
        prepare: repaired,
        seen: saying('No such conversation'),
      },
    ],
  },
]

/** All rules in one theme; in the other theme, only the rules about colour. */
const axeRules = { dark: undefined, light: ['color-contrast', 'link-in-text-block'] }

/** Problems of accessibility and layout. */
const faultsOf = async (page: Page): Promise<string[]> => {
  const faults = await page.evaluate(structureFaults)
  for (const colorScheme of themes) {
    await page.emulateMedia({ colorScheme })
    const found = await axeFaultsOf(page, axeRules[colorScheme])
    faults.push(...found.map((fault) => `${colorScheme}: ${fault}`))
  }
  return faults
}

const structureFaults = (): string[] => {
  const faults: string[] = []
  const expect = (isSo: boolean, fault: string) => isSo || faults.push(fault)
  const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)]

  /** Some elements stick out a little to align their text or to show their outline. */
  const marginPx = 8
  const { scrollWidth, clientWidth } = document.documentElement
  expect(scrollWidth <= clientWidth, `scrolls sideways: ${scrollWidth} in ${clientWidth}`)
  expect(all('main').length === 1, `${all('main').length} main landmarks`)
  expect(all('h1').length === 1, `${all('h1').length} h1`)
  const label = document.getElementById(document.querySelector('main')?.getAttribute('aria-labelledby') ?? '')
  expect(label?.tagName === 'H1', 'main is not named by its h1')

  /** Whether it is positioned outside the flow or clipped by its box. */
  const isElsewhere = (element: Element, box: Element): boolean => {
    for (let at: Element | null = element; at && at !== box; at = at.parentElement) {
      const { position, overflowX } = getComputedStyle(at)
      if (position === 'absolute' || position === 'fixed' || (at !== element && overflowX !== 'visible')) return true
    }
    return false
  }
  for (const box of all('main, aside, .card, .dialog[open], .menu, .toast, .bar')) {
    const { right } = box.getBoundingClientRect()
    for (const element of box.querySelectorAll('*')) {
      const sticksOut = element.getBoundingClientRect().right > right + marginPx && !isElsewhere(element, box)
      expect(!sticksOut, `${element.outerHTML.slice(0, 100)} sticks out of ${box.className}`)
    }
  }
  return faults
}

const shiftsOf = async (page: Page): Promise<string[]> => {
  const shifts = await page.evaluate(() => (globalThis as Watched).shifts)
  const sum = shifts.reduce((sum, { value }) => sum + value, 0)
  return sum < mostShift
    ? []
    : [
        `shifts by ${sum.toFixed(3)}: ${shifts.map(({ value, of }) => `${value.toFixed(3)} ${of.join(' ')}`).join('\n')}`,
      ]
}

/** Opens a path as the page's router does, without loading the page. */
const openInside = (page: Page, path: string): Promise<void> =>
  page.evaluate((path) => {
    ;(globalThis as Watched).shifts = []
    history.pushState(null, '', path)
    dispatchEvent(new PopStateEvent('popstate'))
  }, path)

/** Does the step and lists everything wrong with the result. */
const look = async (page: Page, { act, seen }: Look, size: Size, title: string): Promise<string[]> => {
  await act?.(page, size)
  await seen(page).waitFor()
  await setTimeout(settledMs)
  const faults = [...(act ? [] : await shiftsOf(page)), ...(await faultsOf(page))]
  const said = (await page.title()).replace(/^\(\d+\) /, '')
  return said === `${title} · Cruddur` ? faults : [...faults, `has the title ${said}`]
}

describe('every page is accessible and fits', { concurrency: 3 }, () => {
  for (const scene of scenes)
    for (const size of Object.keys(sizes) as Size[])
      test(`${scene.name}, ${size}`, async (t) => {
        const { path, who = 'signed out', title, prepare, isRefused = false, leavesDraft = false, further = [] } = scene
        const context = await (leavesDraft ? openBrowser : browserOf)(who, size)
        const page = await context.newPage()
        page.setDefaultTimeout(30_000)
        const complaints: string[] = []
        page.on('pageerror', ({ message }) => complaints.push(message))
        page.on('console', (message) => {
          if (message.type() !== 'error' && message.type() !== 'warning') return
          const isFailedRequest = /^Failed to load resource(?!.* 503 )/.test(message.text())
          if (!isRefused || !isFailedRequest) complaints.push(`${message.text()} ${message.location().url}`)
        })
        try {
          // A backend without enough time refuses the page's spans first, and this file is not about spans.
          await page.route(`**${relayPath}`, (route) => route.fulfill({ json: {} }))
          await page.route(api, answerOneAfterTheOther)
          await prepare?.(page)
          await page.goto(`${product.url}${path}`)
          assert.deepEqual(await look(page, scene, size, title), [])
          for (const more of further)
            await t.test(more.name, async () => {
              await more.prepare?.(page)
              if (more.path) await openInside(page, more.path)
              assert.deepEqual(await look(page, more, size, more.title ?? title), [])
            })
          assert.deepEqual(complaints, [])
        } finally {
          await (leavesDraft ? context.close() : page.close())
        }
      })
})

test('the browser takes the colour of the chosen theme, also after a reload', async () => {
  const context = await browser.newContext({ viewport: sizes['on a desktop'], colorScheme: 'dark' })
  const page = await context.newPage()
  const isLight = () =>
    page.evaluate(() => {
      const metas = [...document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')]
      return metas.find(({ media }) => matchMedia(media).matches)?.content === 'rgb(245, 241, 251)'
    })
  await page.goto(product.url)
  await page.getByRole('button', { name: 'Light theme' }).click()
  await eventually(isLight)
  await page.reload()
  await eventually(isLight)
  await context.close()
})
