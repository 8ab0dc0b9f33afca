import '../../testing/page.ts'
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { fireEvent, render, screen } from '@testing-library/react'
import { createElement as h } from 'react'
import { reloadForCode } from './reload-for-code.ts'

// The loader for JSX is there only after the first import.
const { LoadedCode } = await import('./loaded-code.tsx')

let reloads = 0
let answer: () => Promise<Response>
const lost = new TypeError('Failed to fetch dynamically imported module')

beforeEach(() => {
  reloads = 0
  sessionStorage.clear()
  answer = async () => new Response('{"version":"newer"}')
  globalThis.fetch = () => answer()
  location.reload = () => {
    reloads += 1
  }
})

const failure = (promise: Promise<never>) => promise.catch((error: unknown) => error)
/** It reloads the page, and waits for that. */
const isReloading = async (promise: Promise<never>) => {
  const before = reloads
  const settled = failure(promise)
  while (reloads === before) await setTimeout(5)
  assert.equal(await Promise.race([settled, setTimeout(50, 'waits')]), 'waits')
}

test('when a newer version is deployed, the page reloads, but only once for each version', async () => {
  await isReloading(reloadForCode(lost))
  assert.equal(await failure(reloadForCode(lost)), lost)
  assert.equal(reloads, 1)
  answer = async () => new Response('{"version":"newest"}')
  await isReloading(reloadForCode(lost))
  assert.equal(reloads, 2)
})

test('without an answer, or with one that is no version, the page does not reload', async () => {
  answer = () => Promise.reject(lost)
  assert.equal(await failure(reloadForCode(lost)), lost)
  answer = async () => new Response('<html>', { status: 404 })
  assert.equal(await failure(reloadForCode(lost)), lost)
  assert.equal(reloads, 0)
})

test('a second failure reloads the page if the server answers, because Firefox does not ask again for a file', async () => {
  sessionStorage.setItem('reloaded-for', 'newer')
  await isReloading(reloadForCode(lost, { isRetry: true }))
  assert.equal(reloads, 1)
  answer = () => Promise.reject(lost)
  assert.equal(await failure(reloadForCode(lost, { isRetry: true })), lost)
  assert.equal(reloads, 1)
})

type Text = { text: string }
const Part = ({ load }: { load: () => Promise<Text> }) =>
  LoadedCode({
    file: 'part.js',
    load,
    what: 'The part',
    isWholePage: true,
    loading: 'Loading…',
    children: ({ text }) => text,
  })

test('code that does not come leaves a title and a button, which loads it', async () => {
  answer = () => Promise.reject(lost)
  let isOffline = true
  let arrive = () => {}
  const load = () => {
    if (isOffline) return Promise.reject(lost)
    return new Promise<Text>((resolve) => {
      arrive = () => resolve({ text: 'Here it is' })
    })
  }
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: 'always' } } })
  render(h(QueryClientProvider, { client }, h(Part, { load })))
  screen.getByText('Loading…')
  screen.getByRole('heading', { level: 1, name: 'Loading' })
  await screen.findByRole('heading', { name: 'The part did not load' })
  assert.equal(document.title, 'The part did not load · Cruddur')
  isOffline = false
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  await screen.findByRole('button', { name: 'Trying…' })
  screen.getByRole('heading', { name: 'The part did not load' })
  arrive()
  await screen.findByText('Here it is')
})
