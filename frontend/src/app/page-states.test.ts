import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Answer, openPage } from '../../testing/page.ts'

const worf = { uuid: '00000000-0000-4000-8000-000000000001', handle: 'worf', display_name: 'Worf' }
const uuid = '00000000-0000-4000-8000-000000000002'
const traceId = '0af7651916cd43dd8448eb211c80319c'
const failure = { status: 500, code: 'internal', message: 'Something went wrong on our side.', traceId }

type State = { path: string; isSignedIn?: boolean }

const open = ({ path, isSignedIn = false }: State, answer: Answer) => {
  const session = { user: isSignedIn ? worf : null, people: [] }
  return openPage(path, (asked) => (asked === '/api/session' ? session : answer))
}

describe('a page that is loading says so, to screen readers too', () => {
  const states: Record<string, State> = {
    'a profile': { path: '/@worf' },
    'a crud': { path: `/@worf/status/${uuid}` },
    notifications: { path: '/notifications', isSignedIn: true },
    'a new conversation': { path: '/messages/new/garek', isSignedIn: true },
  }
  for (const [name, state] of Object.entries(states))
    test(name, async () => {
      const main = await open(state, 'no answer')
      const status = await main.findByRole('status')
      assert.match(status.textContent, /Loading/)
      assert.ok(status.closest('[aria-busy="true"]'))
    })

  test('before it knows who is signed in', async () => {
    const main = await openPage('/notifications', () => 'no answer')
    assert.ok((await main.findByRole('status')).closest('[aria-busy="true"]'))
  })
})

describe('when the server fails, a page says so, with a reference and a button that tries again', () => {
  const states: Record<string, State> = {
    'a crud': { path: `/@worf/status/${uuid}` },
    'a search': { path: '/search?term=honor' },
    notifications: { path: '/notifications', isSignedIn: true },
    conversations: { path: '/messages', isSignedIn: true },
    sessions: { path: '/sessions', isSignedIn: true },
  }
  for (const [name, state] of Object.entries(states))
    for (const answer of [failure, 'no server'] as const)
      test(`${name}, ${answer === failure ? 'an error' : 'no server'}`, async () => {
        const main = await open(state, answer)
        const alert = await main.findByRole('alert')
        assert.ok([...alert.querySelectorAll('button')].some(({ textContent }) => textContent === 'Try again'))
        if (answer === failure) assert.ok(alert.textContent.includes(traceId))
      })
})
