import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { runOn } from './database.ts'
import { eventually } from './eventually.ts'
import { openBrowserOf, type Person } from './person.ts'
import { startStage } from './stage.ts'

const password = 'a long enough password'
const mostTabs = 80

let ezri: Person
let page: Page
let keys = 0

const { product, browser } = await startStage()

before(async () => {
  ezri = await openBrowserOf(browser, product.url, { handle: 'ezri', name: 'Ezri Dax' })
  page = ezri.page
})

type Focus = { element: string; isLost: boolean; isVisible: boolean; isInView: boolean; isPlace: boolean }

/** Which element has the focus, and whether a user can see that. */
const focus = (): Promise<Focus> =>
  page.evaluate(() => {
    const at = document.activeElement ?? document.body
    const accent = document.createElement('i')
    accent.style.color = 'var(--accent)'
    document.body.append(accent)
    const accentColor = getComputedStyle(accent).color
    accent.remove()

    const hasOutline = (element: Element | null): boolean => {
      if (!element) return false
      const { outlineStyle, outlineWidth } = getComputedStyle(element)
      return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2
    }
    const isEdged = (element: Element | null): boolean => {
      if (!element) return false
      const { borderTopColor, borderTopWidth, boxShadow } = getComputedStyle(element)
      return (borderTopColor === accentColor && borderTopWidth !== '0px') || boxShadow.includes(accentColor)
    }
    const { left, top, right, bottom } = at.getBoundingClientRect()
    return {
      element: at.outerHTML.replace(/<svg.*?<\/svg>/gs, '').slice(0, 160),
      isLost: at === document.body,
      // The main landmark gets the focus after navigation, but cannot be pressed.
      isPlace: at.matches('main'),
      isVisible:
        at.matches(':focus-visible') &&
        (hasOutline(at) || hasOutline(at.nextElementSibling) || isEdged(at) || isEdged(at.closest('.composer'))),
      isInView: right > 0 && bottom > 0 && left < innerWidth && top < innerHeight && right - left > 1,
    }
  })

const isFocused = async (what: Locator): Promise<boolean> => (await what.and(page.locator(':focus')).count()) > 0

const assertSeen = ({ element, isLost, isVisible, isInView, isPlace }: Focus): void => {
  assert.ok(!isLost, 'the focus was lost')
  assert.ok(isPlace || isVisible, `no visible focus on: ${element}`)
  assert.ok(isPlace || isInView, `the focused element is out of view: ${element}`)
}

const press = async (key: string): Promise<void> => {
  await page.keyboard.press(key)
  keys++
}

/** Moves the focus from its present place with Tab only. */
const tabTo = async (what: Locator, { backwards = false } = {}): Promise<void> => {
  const way: string[] = []
  for (let tabs = 0; tabs < mostTabs; tabs++) {
    await press(backwards ? 'Shift+Tab' : 'Tab')
    const now = await focus()
    way.push(now.element.slice(0, 90))
    // After the last element the focus leaves for the browser's own controls and comes back.
    if (now.isLost) continue
    assertSeen(now)
    if (await isFocused(what)) return
  }
  assert.fail(`${what} is not within ${mostTabs} Tabs:\n${way.join('\n')}`)
}

/** Waits for the focus to arrive without another key. */
const focusIsOn = (what: Locator): Promise<true> =>
  eventually(async () => (await isFocused(what)) || null).catch(async () =>
    assert.fail(`${what} does not have the focus, but ${(await focus()).element}`),
  )

/** The focus stays in place after the page has settled. */
const focusIsKept = async (): Promise<void> => {
  await page.waitForTimeout(400)
  assertSeen(await focus())
}

const type = async (text: string): Promise<void> => {
  await page.keyboard.type(text)
  keys += text.length
}

const main = () => page.getByRole('main')
const dialog = () => page.getByRole('dialog')
const nav = (name: string) => page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name })
const composer = () => page.getByRole('form', { name: 'New crud' })
const account = () => page.getByRole('button', { name: /your account/i })

const goTo = async (label: string): Promise<void> => {
  await tabTo(page.getByRole('button', { name: 'Skip to the page' }))
  await tabTo(nav(label))
  await press('Enter')
  await focusIsOn(main())
}

test('the first Tab offers to skip the navigation', async () => {
  await tabTo(page.getByRole('button', { name: 'Skip to the page' }))
  await press('Enter')
  await focusIsOn(main())
  await tabTo(main().getByRole('link', { name: 'Everyone' }))
})

test('the sign-in dialog can be closed or used, and returns the focus', async () => {
  const like = ezri.crud('I am out of prune juice').first().getByRole('button', { name: /^Like/ })
  await tabTo(like)
  await press('Space')
  await focusIsOn(dialog().getByRole('button', { name: /Andrew Brown/ }))
  await press('Escape')
  await focusIsOn(like)
  await focusIsKept()

  await press('Enter')
  await tabTo(dialog().getByRole('button', { name: /Garek/ }))
  await press('Enter')
  await focusIsOn(like)
  await focusIsKept()
  await eventually(async () => (await like.getAttribute('aria-pressed')) === 'true')
})

test('a menu opens, arrow keys move through it, and closing it returns the focus', async () => {
  await tabTo(account(), { backwards: true })
  await press('ArrowDown')
  await focusIsOn(page.getByRole('menuitem').first())
  await press('ArrowUp')
  await focusIsOn(page.getByRole('menuitem', { name: 'Sign out' }))
  await press('ArrowDown')
  await focusIsOn(page.getByRole('menuitem', { name: 'Profile' }))
  await press('End')
  await press('Home')
  await focusIsOn(page.getByRole('menuitem', { name: 'Profile' }))
  await press('Escape')
  await focusIsOn(account())
  await page.getByRole('menu').waitFor({ state: 'detached' })

  await press('Enter')
  await press('End')
  await press('Enter')
  await page.getByRole('link', { name: 'Sign up' }).waitFor()
  await focusIsKept()
})

test('a refused sign-up moves the focus to the first wrong field', async () => {
  await tabTo(page.getByRole('link', { name: 'Sign up' }), { backwards: true })
  await press('Enter')
  await focusIsOn(main())
  await tabTo(main().getByRole('button', { name: 'Sign up' }))
  await press('Enter')
  await focusIsOn(main().getByLabel('Name', { exact: true }))
  await type('Ezri Dax')
  await tabTo(main().getByLabel('Handle'))
  await type('ezri')
  await tabTo(main().getByLabel(/mail/i))
  await type('ezri@example.com')
  await tabTo(main().getByLabel('Password', { exact: true }))
  await type(password)
  await tabTo(main().getByRole('button', { name: 'Show password' }))
  await press('Space')
  await press('Shift+Tab')
  await press('Enter')
  await account().getByText('Ezri Dax', { exact: true }).waitFor()
  await focusIsKept()
})

const firstOfEzri = async () => {
  const answer = await fetch(`${product.url}/api/activities/@ezri`)
  const { activities } = (await answer.json()) as { activities: { created_at: string; expires_at: string }[] }
  return activities[0]
}

test('a crud is written, gets a lifetime and is posted', async () => {
  await tabTo(composer().getByRole('textbox'))
  await type('By the keyboard alone, @worf. #keys')
  await tabTo(composer().getByRole('combobox'))
  await type('3')
  await tabTo(composer().getByRole('button', { name: 'Crud it' }))
  await press('Enter')
  await ezri.crud('By the keyboard alone').first().waitFor()
  await focusIsOn(composer().getByRole('textbox'))
  const { created_at, expires_at } = await eventually(firstOfEzri)
  assert.equal(Date.parse(expires_at) - Date.parse(created_at), 3 * 86_400_000)
})

test('reply, like and repost keep the focus', async () => {
  const crud = ezri.crud('I am out of prune juice').first()
  const reply = crud.getByRole('button', { name: /^Reply/ })
  await tabTo(reply)
  await press('Enter')
  await focusIsOn(page.getByRole('form', { name: /Reply to/ }).getByRole('textbox'))
  await type('There is raktajino.')
  await press('Control+Enter')
  await page.getByText('There is raktajino.').first().waitFor()
  await focusIsOn(reply)

  for (const name of [/^Repost/, /^Like/]) {
    const mark = crud.getByRole('button', { name }).first()
    await tabTo(mark)
    await press('Space')
    await eventually(async () => (await mark.getAttribute('aria-pressed')) === 'true')
    await focusIsKept()
    await focusIsOn(mark)
  }
})

test('the toast of an action can be reached and dismissed without losing the focus', async () => {
  await tabTo(page.getByRole('button', { name: 'Dismiss' }))
  await press('Enter')
  await page.getByRole('button', { name: 'Dismiss' }).waitFor({ state: 'detached' })
  await focusIsKept()
})

test('a mention leads to a profile, which is followed', async () => {
  await tabTo(ezri.crud('By the keyboard alone').first().getByRole('link', { name: '@worf' }))
  await press('Enter')
  await focusIsOn(main())
  const follow = main().getByRole('button', { name: /^Follow/ })
  await tabTo(follow)
  await press('Space')
  await main()
    .getByRole('button', { name: /^Following/ })
    .waitFor()
  await focusIsOn(follow)
})

test('two messages are sent one after the other', async () => {
  await tabTo(main().getByRole('link', { name: /^Message/ }), { backwards: true })
  await press('Enter')
  await focusIsOn(main().getByRole('textbox'))
  for (const message of ['Is it true about the tea?', 'Never mind.']) {
    await type(message)
    await press('Enter')
    await main().getByText(message).last().waitFor()
    await focusIsKept()
    await focusIsOn(main().getByRole('textbox'))
  }
  assert.match(page.url(), /\/messages\/[0-9a-f-]{36}$/)
})

test('a search is typed and changed', async () => {
  await goTo('Search')
  const box = main().getByRole('searchbox')
  await tabTo(box)
  for (const term of ['#keys', 'keyboard']) {
    await press('Control+a')
    await type(term)
    await press('Enter')
    await ezri.crud('By the keyboard alone').first().waitFor()
    await focusIsOn(box)
  }
  await tabTo(
    ezri
      .crud('By the keyboard alone')
      .first()
      .getByRole('link', { name: /just now|ago/ }),
  )
  await press('Enter')
  await focusIsOn(main())
  await page.getByRole('heading', { name: 'No replies yet' }).waitFor()
})

test('a notification leads to its crud', async () => {
  await runOn(
    product.databaseUrl,
    `INSERT INTO notifications (user_uuid, actor_uuid, kind, activity_uuid)
     SELECT activities.user_uuid, (SELECT uuid FROM users WHERE handle = 'worf'), 'like', activities.uuid
     FROM activities WHERE message LIKE 'By the keyboard%'`,
  )
  await goTo('Notifications')
  await tabTo(main().getByRole('link', { name: /Worf liked/ }))
  await press('Enter')
  await focusIsOn(main())
  await page.getByRole('heading', { name: 'No replies yet' }).waitFor()
})

test('the profile is edited in a dialog that returns the focus', async () => {
  await goTo('Profile')
  const edit = main().getByRole('button', { name: 'Edit profile' })
  await tabTo(edit)
  await press('Enter')
  await focusIsOn(dialog().getByLabel('Name'))
  await tabTo(dialog().getByLabel('About you'))
  await type('Counselor.')
  await press('Tab')
  await press('Enter')
  await main().getByText('Counselor.').waitFor()
  await focusIsOn(edit)
})

test('deleting asks first, can be cancelled, and moves the focus to the next crud', async () => {
  const remove = ezri.crud('By the keyboard alone').first().getByRole('button', { name: 'Delete your crud' })
  await goTo('Home')
  await tabTo(remove)
  await press('Enter')
  await focusIsOn(dialog().getByRole('button', { name: 'Cancel' }))
  await press('Escape')
  await focusIsOn(remove)
  await focusIsKept()
  await press('Enter')
  await tabTo(dialog().getByRole('button', { name: 'Delete' }))
  await press('Enter')
  await ezri.crud('By the keyboard alone').waitFor({ state: 'detached' })
  await focusIsOn(page.getByRole('article').first())
  await focusIsKept()
})

test('deleting a reply moves the focus to its parent', async () => {
  const reply = ezri.crud('There is raktajino.').last()
  await tabTo(reply.getByRole('button', { name: 'Delete your crud' }))
  await press('Enter')
  await tabTo(dialog().getByRole('button', { name: 'Delete' }))
  await press('Enter')
  await ezri.crud('There is raktajino.').waitFor({ state: 'detached' })
  await focusIsKept()
  await focusIsOn(page.getByRole('article').filter({ hasText: 'I am out of prune juice' }))
})

test('deleting a crud on its own page keeps the focus on that page', async () => {
  await tabTo(composer().getByRole('textbox'), { backwards: true })
  await type('Soon gone')
  await press('Control+Enter')
  await tabTo(
    ezri
      .crud('Soon gone')
      .first()
      .getByRole('link', { name: /just now|ago/ }),
  )
  await press('Enter')
  await focusIsOn(main())
  await tabTo(main().getByRole('button', { name: 'Delete your crud' }))
  await press('Enter')
  await tabTo(dialog().getByRole('button', { name: 'Delete' }))
  await press('Enter')
  await page.getByText('This crud has expired').waitFor()
  await focusIsKept()
})

test('the signals dialog opens and closes', async () => {
  const signals = page.getByRole('button', { name: 'Signals' })
  await tabTo(signals, { backwards: true })
  await press('Enter')
  await dialog().getByRole('heading', { name: 'Signals' }).waitFor()
  await focusIsKept()
  await press('Escape')
  await focusIsOn(signals)
})

test('ending another session keeps the focus in the list', async () => {
  const signIn = await fetch(`${product.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ handle: 'ezri', password }),
  })
  assert.ok(signIn.ok)
  await tabTo(account())
  await press('Enter')
  await press('ArrowDown')
  await focusIsOn(page.getByRole('menuitem', { name: 'Sessions' }))
  await press('Enter')
  await focusIsOn(main())
  const there = main().getByRole('button', { name: /^Sign out there/ })
  await tabTo(there)
  await press('Enter')
  await there.waitFor({ state: 'detached' })
  await focusIsKept()
})

test('signing out keeps the focus near the sign-in link', async (t) => {
  await tabTo(account())
  await press('Enter')
  await press('End')
  await focusIsOn(page.getByRole('menuitem', { name: 'Sign out' }))
  await press('Enter')
  await page.getByRole('link', { name: 'Sign in' }).first().waitFor()
  await focusIsKept()
  t.diagnostic(`${keys} keys`)
})
