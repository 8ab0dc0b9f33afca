import type { ServerResponse } from 'node:http'
import type { LiveStream } from './listeners.ts'

/** A client with more unread bytes is disconnected. */
const unreadMaxBytes = 64 * 1024
const lingerMs = 100
/** Random, because many streams may end at once. */
const retryMs = {
  now: () => 1_000 + Math.round(Math.random() * 2_000),
  later: () => 30_000 + Math.round(Math.random() * 60_000),
}

export const eventStreamHeaders = new Map([
  ['Content-Type', 'text/event-stream'],
  ['Cache-Control', 'no-store, no-transform'],
  ['X-Accel-Buffering', 'no'],
])

/** Server-sent events. They have no ids: after a reconnect the page reads everything again. */
export const eventStream = (res: ServerResponse): LiveStream => {
  const write = (text: string) => {
    if (res.writableEnded || res.destroyed) return
    res.write(text)
    if (res.writableLength > unreadMaxBytes) res.destroy()
  }
  return {
    begin: () => {
      res.setHeaders(eventStreamHeaders)
      write(`retry: ${retryMs.now()}\n\n`)
    },
    send: (event) => write(`data: ${JSON.stringify(event)}\n\n`),
    beat: () => write(':\n\n'),
    end: (retry = 'now') => {
      if (retry === 'later') write(`retry: ${retryMs.later()}\n\n`)
      res.end()
      setTimeout(() => res.destroy(), lingerMs).unref()
    },
  }
}
