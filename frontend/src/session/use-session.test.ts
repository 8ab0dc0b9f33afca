import assert from 'node:assert/strict'
import { test } from 'node:test'
import '../../testing/page.ts'
import { queryKeys } from '../api/query-keys.ts'
import { onSignOut } from '../ui/current-user.ts'

// They need the document that page.ts makes.
const { act, renderHook, waitFor } = await import('@testing-library/react')
const { QueryClient, QueryClientProvider } = await import('@tanstack/react-query')
const { createElement } = await import('react')
const { useFollowSession, useSignOut } = await import('./use-session.ts')

const uuid = '00000000-0000-4000-8000-000000000001'
const noUser = { user: null, people: [] }

const openTab = <Result>(hook: () => Result) => {
  const queries = new QueryClient()
  queries.setQueryData(queryKeys.session, { user: { uuid, handle: 'worf', display_name: 'Worf' }, people: [] })
  const { result } = renderHook(hook, {
    wrapper: ({ children }) => createElement(QueryClientProvider, { client: queries }, children),
  })
  return { queries, result }
}

test('every tab hears who signed out, even when a live event has ended the session first', async (t) => {
  const signedOut: string[] = []
  t.after(onSignOut((user) => signedOut.push(user)))
  const here = openTab(useSignOut)
  const elsewhere = openTab(() => useFollowSession(uuid))
  let answer: (() => void) | undefined
  globalThis.fetch = () =>
    new Promise((resolve) => {
      answer = () => resolve(new Response(JSON.stringify(noUser)))
    })
  act(() => here.result.current.mutate(undefined))
  await waitFor(() => assert.ok(answer))
  for (const { queries } of [here, elsewhere]) queries.setQueryData(queryKeys.session, noUser)
  answer?.()
  await waitFor(() => assert.deepEqual(signedOut, [uuid, uuid]))
  for (const { queries } of [here, elsewhere]) queries.clear()
})
