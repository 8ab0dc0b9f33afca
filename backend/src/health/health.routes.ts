import { type Health, healthCheck, hidden, type SignalState, traceLink } from '@cruddur/shared/health'
import type { Request } from 'express'
import type { Mount } from '../http/mount.ts'
import { signals } from '../telemetry/index.ts'

type Options = {
  check: () => Promise<Pick<Health, 'ready' | 'database'>>
  version: string
  frontendUrl: string
  traceLinkTemplate: () => string | null
}

/** These answer whether or not the database does. */
export const healthRoutes = (mount: Mount, { check, version, frontendUrl, traceLinkTemplate }: Options): void => {
  const isLocal = isLoopback(new URL(frontendUrl).hostname)
  mount(healthCheck, async ({ input, req, res }) => {
    const health = await check()
    if (input.ready !== undefined && !health.ready) res.status(503).setHeader('Retry-After', 1)
    return { ...health, version, signals: isOperator(req, isLocal) ? signals() : signals().map(forStrangers) }
  })
  mount(traceLink, () => ({ template: traceLinkTemplate() }))
}

/** Somebody on this machine: who asks the page too where it is for this machine only, else who asks the backend itself. */
const isOperator = (req: Request, isLocal: boolean): boolean =>
  isLoopback(req.ip ?? '') && (isLocal || req.headers['x-forwarded-for'] === undefined)

const isLoopback = (host: string): boolean => /^(localhost|(::ffff:)?127\.\d+\.\d+\.\d+|\[?::1\]?)$/.test(host)

const forStrangers = (signal: SignalState): SignalState => ({
  ...signal,
  destination: signal.destination && hidden,
  because: hidden,
  lastError: signal.lastError && hidden,
})
