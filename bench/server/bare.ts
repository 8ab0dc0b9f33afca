// Stands in for @cruddur/trace-node: the same application without telemetry, and with its log lines on stdout.
import type { IncomingMessage } from 'node:http'
import { addressOf, type Handler, routeOf, schemeOf, urlOf } from '@cruddur/trace-node/testing/incoming'
import type { Log } from '@cruddur/trace-node/testing/logger'

// biome-ignore lint/performance/noBarrelFile: everything that the application imports from the package
export { answerUnread, BodyError, readBody } from '@cruddur/trace-node/testing/body'
export { Budget } from '@cruddur/trace-node/testing/budget'
export { shortened } from '@cruddur/trace-node/testing/scrub'

type Work = (...args: never[]) => Promise<unknown>

const say =
  (level: string) =>
  (message: string, fields: object = {}) => {
    const line = { timestamp: new Date().toISOString(), level, message, service: 'bench', env: 'bench', ...fields }
    process.stdout.write(`${JSON.stringify(line)}\n`)
  }
export const log: Log = { info: say('info'), warn: say('warn'), error: say('error') }

export const tracing = () => ({ traced: (_name: string, work: Work) => work, annotate: () => {}, log })

export const logRequests =
  (to: Pick<Log, 'info'>): Handler =>
  (req, res, next) => {
    const at = new Date().toISOString()
    const startedAt = performance.now()
    res.once('close', () => {
      const [address, path] = [addressOf(req), urlOf(req)]
      const { method = '' } = req
      to.info(`[${at}] ${address} ${method} ${schemeOf(req)} ${path} ${res.statusCode}`, {
        remote_address: address,
        method,
        scheme: schemeOf(req),
        path,
        status: res.statusCode,
        duration_ms: performance.now() - startedAt,
        route: routeOf(req),
      })
    })
    next()
  }

const pass: Handler = (_req, _res, next) => next()
export const requestLog = () => logRequests(log)
export const serverTiming = (): Handler => pass
export const relay = (): Handler => pass
export const hops = (): Handler => pass
export const faults = () => (error: unknown, _req: unknown, _res: unknown, next: (error: unknown) => void) =>
  next(error)

export const annotateUser = (_id: string | null): void => {}
export const refuseTrace = (): void => {}
export const currentTraceId = (): string | null => null
export const currentTraceparent = (): string | null => null
export const inTraceOf = <Result>(_cause: unknown, work: () => Result): Result => work()
export const inTraceOfRequest = <Result>(_request: IncomingMessage, work: () => Result): Result => work()
export const traceHeaders: readonly string[] = []
export const timingOf = (): string => ''
export const wallClockMs = (): number => Date.now()
export const honeycombPlace = (): null => null
export const signals = (): [] => []
export const version = (): string => 'bench'
export const shutdownTracing = async (): Promise<void> => {}
