import type { ServerResponse } from 'node:http'
import type { LiveStream } from './live.service.ts'

/** Who has not read this much does not read at all. */
const mostUnreadBytes = 64 * 1024
const lingerMs = 100
/** Each page another time: many streams may end in one moment. */
const comeBackMs = {
  soon: () => 1_000 + Math.round(Math.random() * 2_000),
  later: () => 30_000 + Math.round(Math.random() * 60_000),
}

export const eventStreamHeaders = new Map([
  ['Content-Type', 'text/event-stream'],
  ['Cache-Control', 'no-store, no-transform'],
  ['X-Accel-Buffering', 'no'],
])

/** Server-sent events. No ids: whoever comes back asks for everything anew. */
export const eventStream = (res: ServerResponse): LiveStream => {
  const write = (text: string) => {
    if (res.writableEnded || res.destroyed) return
    res.write(text)
    if (res.writableLength > mostUnreadBytes) res.destroy()
  }
  return {
    begin: () => {
      res.setHeaders(eventStreamHeaders)
      write(`retry: ${comeBackMs.soon()}\n\n`)
    },
    send: (event) => write(`data: ${JSON.stringify(event)}\n\n`),
    beat: () => write(':\n\n'),
    end: (comeBack = 'soon') => {
      if (comeBack === 'later') write(`retry: ${comeBackMs.later()}\n\n`)
      res.end()
      setTimeout(() => res.destroy(), lingerMs).unref()
    },
  }
}
