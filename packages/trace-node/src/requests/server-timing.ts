import { serverTiming as names } from '@cruddur/wire/names'
import { networkOf } from '@cruddur/wire/network'
import { wallClockAt } from '@cruddur/wire/times'
import { isWrapped } from '@opentelemetry/instrumentation'
import { vendors } from '../vendors.ts'
import { openAnswerTrace } from './answer-trace.ts'
import { addressOf, type Handler } from './incoming.ts'

/** Every answer says when the server began, how long it took, and whether the trace is kept. */
export const serverTiming = (): Handler => (req, res, next) => {
  const startedMs = performance.now()
  const startedAt = wallClockAt(startedMs)
  const spanOf = openAnswerTrace()
  if (req.app && !isWrapped(req.app.use)) vendors().warnOfGap(notInstrumented)
  const writeHead = res.writeHead
  res.writeHead = ((...args: Parameters<typeof writeHead>) => {
    if (!res.headersSent) {
      const durationMs = performance.now() - startedMs
      const span = spanOf({
        // Express finds the address again each time, and only sampling asks for it.
        get address() {
          return networkOf(addressOf(req))
        },
        status: args[0],
        durationMs,
      })
      res.setHeader('Server-Timing', timingOf(durationMs, startedAt, span))
    }
    return writeHead.apply(res, args)
  }) as typeof writeHead
  next()
}

const notInstrumented =
  'telemetry: Express was loaded before the tracing started, so traces have gaps. Start with `node --import`.'

export const timingOf = (durationMs: number, startedAt: number, span: string | null = null): string => {
  const times = `${names.total};dur=${durationMs.toFixed(2)}, ${names.at};desc="${startedAt.toFixed(1)}"`
  return span === null ? times : `${times}, ${names.backendSpan};desc="${span}"`
}
