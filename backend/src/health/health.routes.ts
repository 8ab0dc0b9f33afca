import { type Health, healthCheck, hidden, traceLink } from '@cruddur/shared/health'
import type { SignalState } from '@cruddur/wire/signal-account'
import type { Request } from 'express'
import type { Mount } from '../http/mount.ts'
import { signals } from '../telemetry/index.ts'

type Options = {
  check: () => Promise<Pick<Health, 'ready' | 'database'>>
  version: string
  frontendUrl: string
  traceLinkTemplate: () => string | null
}

/** These routes answer even when the database is down. */
export const healthRoutes = (mount: Mount, { check, version, frontendUrl, traceLinkTemplate }: Options): void => {
  const isLocal = isLoopback(new URL(frontendUrl).hostname)
  mount(healthCheck, async ({ input, req, res }) => {
    const health = await check()
    if (input.ready !== undefined && !health.ready) res.status(503).setHeader('Retry-After', 1)
    return { ...health, version, signals: isOperator(req, isLocal) ? signals() : signals().map(withoutDetails) }
  })
  mount(traceLink, () => ({ template: traceLinkTemplate() }))
}

/** An operator is on this machine and asks the backend directly, or through a page that serves only this machine. */
const isOperator = (req: Request, isLocal: boolean): boolean =>
  isLoopback(req.ip ?? '') && (isLocal || req.headers['x-forwarded-for'] === undefined)

const isLoopback = (host: string): boolean => /^(localhost|(::ffff:)?127\.\d+\.\d+\.\d+|\[?::1\]?)$/.test(host)

const withoutDetails = (signal: SignalState): SignalState => ({
  ...signal,
  destination: signal.destination && hidden,
  because: hidden,
  lastError: signal.lastError && hidden,
})
