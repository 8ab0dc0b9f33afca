import { livePath } from '@cruddur/shared/live'
import { networkOf } from '@cruddur/wire/network'
import type { Express, Request } from 'express'
import { inTraceOfRequest } from '../telemetry/index.ts'
import { eventStream, eventStreamHeaders } from './event-stream.ts'
import type { Live } from './live.service.ts'

type Options = {
  readonly live: Live
  /** Throws to refuse the request. */
  readonly admit: (req: Request) => void
  readonly recognise: (req: Request) => ReturnType<Parameters<Live['open']>[1]>
}

export const liveRoutes = (app: Express, { live, admit, recognise }: Options): void => {
  app.get(livePath, async (req, res) => {
    admit(req)
    if (req.method === 'HEAD') return void res.setHeaders(eventStreamHeaders).end()
    // Only the opening is traced: a span of the request would last as long as the tab is open.
    const { close } = await inTraceOfRequest(req, () =>
      live.open(networkOf(req.ip ?? ''), () => recognise(req), eventStream(res)),
    )
    if (res.destroyed) close()
    else res.once('close', close)
  })
}
