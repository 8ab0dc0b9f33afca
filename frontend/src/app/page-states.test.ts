import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Answer, axeFaults, openPage } from '../../testing/page.ts'

const patienceMs = 5_000
const worf = { uuid: '00000000-0000-4000-8000-000000000001', handle: 'worf', display_name: 'Worf' }
const uuid = '00000000-0000-4000-8000-000000000002'
const traceId = '0af7651916cd43dd8448eb211c80319c'
const failure = { status: 500, code: 'internal', message: 'Something went wrong on our side.', traceId }
const notFound = { status: 404, code: 'not_found', message: 'There is nothing here.', traceId: null }

type State = { path: string; title: string; isSignedIn?: boolean; words: string | RegExp; answer?: Answer }

const open = async ({ path, title, isSignedIn = false }: State, answer: Answer) => {
  const session = { user: isSignedIn ? worf : null, people: [] }
  const main = await openPage(path, (asked) => (asked === '/api/session' ? session : answer))
  return { main, title: `${title} · Cruddur` }
}

const assertWhole = async (title: string): Promise<void> => {
  assert.equal(document.title, title)
  const headings = document.querySelectorAll('h1')
  assert.equal(headings.length, 1)
  assert.equal(document.querySelector('main')?.getAttribute('aria-labelledby'), headings[0]?.id)
  assert.deepEqual(await axeFaults(), [])
}

describe('a page that is loading says so, to screen readers too', () => {
  const states: Record<string, State> = {
    'a profile': { path: '/@worf', title: '@worf', words: /Loading/ },
    'a crud': { path: `/@worf/status/${uuid}`, title: 'Crud by @worf', words: /Loading/ },
    notifications: { path: '/notifications', title: 'Notifications', isSignedIn: true, words: /Loading/ },
    'a new conversation': {
      path: '/messages/new/garek',
      title: 'New conversation',
      isSignedIn: true,
      words: /Loading/,
    },
  }
  for (const [name, state] of Object.entries(states))
    test(name, async () => {
      const { main, title } = await open(state, 'no answer')
      const status = await main.findByRole('status', {}, { timeout: patienceMs })
      assert.match(status.textContent, state.words as RegExp)
      assert.ok(status.closest('[aria-busy="true"]'))
      await assertWhole(title)
    })

  test('before it knows who is signed in', async () => {
    const main = await openPage('/notifications', () => 'no answer')
    assert.ok((await main.findByRole('status')).closest('[aria-busy="true"]'))
    await assertWhole('Notifications · Cruddur')
  })
})

describe('when the server fails, a page says so, with a reference and a button that tries again', () => {
  const states: Record<string, State> = {
    'a crud': { path: `/@worf/status/${uuid}`, title: 'Crud by @worf', words: '' },
    'a search': { path: '/search?term=honor', title: 'Search', words: '' },
    notifications: { path: '/notifications', title: 'Notifications', isSignedIn: true, words: '' },
    conversations: { path: '/messages', title: 'Messages', isSignedIn: true, words: '' },
    sessions: { path: '/sessions', title: 'Sessions', isSignedIn: true, words: '' },
  }
  for (const [name, state] of Object.entries(states))
    for (const answer of [failure, 'no server'] as const)
      test(`${name}, ${answer === failure ? 'an error' : 'no server'}`, async () => {
        const { main, title } = await open(state, answer)
        const alert = await main.findByRole('alert', {}, { timeout: patienceMs })
        assert.ok([...alert.querySelectorAll('button')].some(({ textContent }) => textContent === 'Try again'))
        if (answer === failure) assert.ok(alert.textContent.includes(traceId))
        await assertWhole(title)
      })
})

describe('a page with nothing to show says why', () => {
  const signedIn = { isSignedIn: true }
  const states: Record<string, State> = {
    'no notifications': {
      ...signedIn,
      path: '/notifications',
      title: 'Notifications',
      words: 'Nothing yet',
      answer: { notifications: [], next_cursor: null, unread: { notifications: 0, messages: 0 } },
    },
    'no conversations': {
      ...signedIn,
      path: '/messages',
      title: 'Messages',
      words: 'No conversations yet',
      answer: { message_groups: [], next_cursor: null },
    },
    'no such conversation': {
      ...signedIn,
      path: `/messages/${uuid}`,
      title: 'Conversation',
      words: 'No such conversation',
      answer: notFound,
    },
    'a crud that has expired': {
      path: `/@worf/status/${uuid}`,
      title: 'Crud by @worf',
      words: 'This crud has expired',
      answer: notFound,
    },
    'an account that does not exist': {
      path: '/@nobody_here',
      title: '@nobody_here',
      words: 'This account doesn’t exist',
      answer: notFound,
    },
    'notifications, signed out': {
      path: '/notifications',
      title: 'Notifications',
      words: 'Sign in to see your notifications',
    },
    'conversations, signed out': { path: '/messages', title: 'Messages', words: 'Sign in to see your messages' },
    'settings, signed out': { path: '/account', title: 'Settings', words: 'You are not signed in' },
  }
  for (const [name, state] of Object.entries(states))
    test(name, async () => {
      const { main, title } = await open(state, state.answer ?? 'no answer')
      await main.findByText(state.words, {}, { timeout: patienceMs })
      await assertWhole(title)
    })
})
