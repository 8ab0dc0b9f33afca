import assert from 'node:assert/strict'
import { type LiveEvent, liveEvent, livePath } from '@cruddur/shared/live'
import * as z from 'zod/mini'
import { eventually } from '../testing.ts'

export const cookieOf = async (url: string, handle: string): Promise<string> => {
  const answer = await fetch(`${url}/api/session/demo`, {
    method: 'POST',
    headers: { connection: 'close', 'content-type': 'application/json' },
    body: JSON.stringify({ handle }),
  })
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0]
  assert.ok(cookie, `signing in as ${handle} failed`)
  return cookie
}

/** A page's `EventSource`. */
export const openStream = async (url: string, headers: Record<string, string> = {}) => {
  const leaving = new AbortController()
  const answer = await fetch(url + livePath, { headers: { connection: 'close', ...headers }, signal: leaving.signal })
  const events: LiveEvent[] = []
  let raw = ''
  const ended = (async () => {
    let rest = ''
    try {
      for await (const chunk of (answer.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
        raw += chunk
        const parts = (rest + chunk).split('\n\n')
        rest = parts.pop() ?? ''
        for (const part of parts) {
          const data = /^data: (.*)$/m.exec(part)?.[1]
          if (data !== undefined) events.push(z.parse(liveEvent(), JSON.parse(data)))
        }
      }
      return 'ended'
    } catch {
      return 'cut'
    }
  })()
  return {
    status: answer.status,
    headers: answer.headers,
    events,
    raw: () => raw,
    ended,
    kinds: () => events.map(({ kind }) => kind),
    heard: (kind: LiveEvent['kind']) => eventually(() => events.find((event) => event.kind === kind)),
    leave: async () => {
      leaving.abort()
      await ended
    },
  }
}
