import { livePath } from '@cruddur/shared/live'
import type { Express, Request, Response } from 'express'
import { networkOf } from '../http/budget.ts'
import { inTraceOf } from '../telemetry/index.ts'
import type { Live, LiveStream } from './live.service.ts'

/** Who has not read this much does not read at all. */
const mostUnreadBytes = 64 * 1024
const lingerMs = 100
const headers = new Map([
  ['Content-Type', 'text/event-stream'],
  ['Cache-Control', 'no-store, no-transform'],
  ['X-Accel-Buffering', 'no'],
])
/** Not all at the same moment, when a backend has gone. */
const comeBackMs = () => 1_000 + Math.round(Math.random() * 2_000)

type Options = {
  readonly live: Live
  /** Throws when the request must not go on. */
  readonly admit: (req: Request) => void
  readonly recognise: (req: Request) => ReturnType<Parameters<Live['open']>[1]>
}

export const liveRoutes = (app: Express, { live, admit, recognise }: Options): void => {
  app.get(livePath, async (req, res) => {
    admit(req)
    if (req.method === 'HEAD') return void res.setHeaders(headers).end()
    // A span of its own, for the request has none: it would last as long as the tab is open.
    const { leave } = await inTraceOf(req.get('traceparent') ?? null, () =>
      live.open(networkOf(req.ip ?? ''), () => recognise(req), streamTo(res)),
    )
    if (res.destroyed) leave()
    else res.once('close', leave)
  })
}

const streamTo = (res: Response): LiveStream => {
  const write = (text: string) => {
    if (res.writableEnded || res.destroyed) return
    res.write(text)
    if (res.writableLength > mostUnreadBytes) res.destroy()
  }
  return {
    begin: () => {
      res.setHeaders(headers)
      write(`retry: ${comeBackMs()}\n\n`)
    },
    send: (event) => write(`data: ${JSON.stringify(event)}\n\n`),
    beat: () => write(':\n\n'),
    end: () => {
      res.end()
      setTimeout(() => res.destroy(), lingerMs).unref()
    },
  }
}
