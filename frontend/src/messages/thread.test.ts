import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { type Answer, openPage } from '../../testing/page.ts'

// It needs the document that page.ts makes.
const { fireEvent, screen, waitFor } = await import('@testing-library/react')

const uuid = '00000000-0000-4000-8000-000000000001'
const otherUuid = '00000000-0000-4000-8000-000000000002'
const worf = { uuid, handle: 'worf', display_name: 'Worf' }
const garek = { handle: 'garek', display_name: 'Garek' }
const created_at = '2026-11-25T12:00:00.000Z'
const group = { uuid, ...garek, message: null, created_at, unread_count: 0 }
const sent = {
  uuid,
  message_group_uuid: uuid,
  handle: 'worf',
  display_name: 'Worf',
  message: 'Prune juice.',
  created_at,
}

beforeEach(() => localStorage.clear())

/** Opens a page as Worf, writes to Garek and returns the page and the composer. `post` answers for the server. */
const write = async (path: string, post: () => Answer, session: Answer = { user: worf, people: [] }) => {
  const answers: Record<string, Answer> = {
    '/api/session': session,
    [`/api/messages/${uuid}`]: { message_group: group, messages: [], next_cursor: null },
    '/api/users/@garek/short': { uuid, ...garek },
    '/api/message_groups': { message_groups: [], next_cursor: null },
  }
  const main = await openPage(path, (asked) => (asked === '/api/messages' ? post() : (answers[asked] ?? 'no answer')))
  const box = (await main.findByRole('textbox')) as HTMLTextAreaElement
  fireEvent.change(box, { target: { value: 'Prune juice.' } })
  fireEvent.keyDown(box, { key: 'Enter' })
  return { main, box }
}

test('a refused message goes back into the composer, with the reason', async () => {
  const refusal = { status: 422, code: 'message_exceed_max_chars', message: 'This is too long.', traceId: null }
  const { main, box } = await write(`/messages/${uuid}`, () => refusal)
  assert.equal((await main.findByRole('alert')).textContent, 'Not sent. This is too long.')
  assert.equal(box.value, 'Prune juice.')
})

test('a message that cannot be sent waits and shows the reason, and a click sends it', async () => {
  let isThere = false
  const { main, box } = await write(`/messages/${uuid}`, () => (isThere ? sent : 'no server'))
  await main.findByText('Not sent yet. Cruddur cannot be reached.')
  assert.equal(box.value, '')
  isThere = true
  fireEvent.click(main.getByRole('button', { name: 'Try again' }))
  await waitFor(() => assert.equal(main.queryByText(/^Not sent/), null))
  assert.equal(localStorage.length, 0)
})

test('the first message to a person moves the page to the address of the conversation', async () => {
  await write('/messages/new/garek', () => sent)
  await waitFor(() => assert.equal(location.pathname, `/messages/${uuid}`))
  await screen.findByText('Prune juice.')
})

test('writing to a person opens the conversation with them, however many newer ones there are', async () => {
  const others = { message_groups: [{ ...group, uuid: otherUuid, handle: 'quark' }], next_cursor: 'x' }
  await openPage('/messages/new/garek', (path, query) => {
    if (path === '/api/session') return { user: worf, people: [] }
    if (path === '/api/users/@garek/short') return { uuid, ...garek }
    if (path !== '/api/message_groups') return 'no answer'
    return query.get('handle') === 'garek' ? { message_groups: [group], next_cursor: null } : others
  })
  await waitFor(() => assert.equal(location.pathname, `/messages/${uuid}`))
})

test('a user who signs out leaves no waiting message and no draft in the browser', async () => {
  const session: { user: object | null; people: [] } = { user: worf, people: [] }
  const { main, box } = await write(`/messages/${uuid}`, () => 'no server', session)
  await main.findByText('Not sent yet. Cruddur cannot be reached.')
  fireEvent.change(box, { target: { value: 'A draft.' } })
  assert.equal(localStorage.length, 2)
  session.user = null
  fireEvent.click(await screen.findByRole('button', { name: /your account/i }))
  fireEvent.click(screen.getByRole('menuitem', { name: 'Sign out' }))
  await waitFor(() => assert.equal(localStorage.length, 0))
})
