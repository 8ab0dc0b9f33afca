import './jsx-hooks.mjs'
import { afterEach } from 'node:test'
import { GlobalRegistrator } from '@happy-dom/global-registrator'

const origin = 'http://localhost:3000'
const { setTimeout, clearTimeout, setInterval, clearInterval, queueMicrotask, performance } = globalThis
const { AbortController, AbortSignal, MessageChannel, Response } = globalThis
GlobalRegistrator.register({ url: origin, width: 1440, height: 900 })
const node = { clearTimeout, setInterval, clearInterval, queueMicrotask, AbortController, AbortSignal, MessageChannel }
class SilentEventSource {
  readonly readyState = 0
  close(): void {}
}
Object.assign(globalThis, node, {
  Response,
  EventSource: SilentEventSource,
  // The page may wait ten minutes before it clears a cache, but the test must not.
  setTimeout: (run: () => void, ms?: number) => setTimeout(run, ms).unref(),
})
Object.defineProperty(globalThis, 'performance', { value: performance })
// happy-dom does not know every element, such as <search>, and React would complain about them.
Object.defineProperty(HTMLUnknownElement.prototype, Symbol.toStringTag, { value: 'HTMLElement' })
document.documentElement.lang = 'en'

const { cleanup, configure, render, screen, within } = await import('@testing-library/react')
const { createElement } = await import('react')
const { App } = await import('../src/app/app.tsx')
const { createQueryClient } = await import('../src/api/query-client.ts')

afterEach(cleanup)
configure({ asyncUtilTimeout: 30_000 })

/** The server's answer to a request: JSON, with a `status` for a refusal. Or no answer comes, or there is no server. */
export type Answer = object | 'no answer' | 'no server'

/** Opens the page at a path, in a DOM without layout and colours. `answerTo` answers for the server. */
export const openPage = async (path: string, answerTo: (path: string, query: URLSearchParams) => Answer) => {
  history.replaceState(null, '', path)
  globalThis.fetch = async (input) => {
    const { pathname, searchParams } = new URL(String(input), origin)
    const answer = answerTo(pathname, searchParams)
    if (answer === 'no answer') return new Promise(() => {})
    if (answer === 'no server') throw new TypeError('Failed to fetch')
    return new Response(JSON.stringify(answer), { status: 'status' in answer ? Number(answer.status) : 200 })
  }
  render(createElement(App, { queries: createQueryClient() }))
  return within(await screen.findByRole('main'))
}
