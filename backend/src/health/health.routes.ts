import { healthCheck, traceLink } from '@cruddur/shared/health'
import type { Mount } from '../http/mount.ts'
import { signals } from '../telemetry/index.ts'

type Options = {
  check: () => Promise<{ ready: boolean; database: 'up' | 'down' }>
  version: string
  traceLinkTemplate: () => string | null
}

/** These answer whether or not the database does. */
export const healthRoutes = (mount: Mount, { check, version, traceLinkTemplate }: Options): void => {
  mount(healthCheck, async ({ input, res }) => {
    const health = await check()
    if (input.ready !== undefined && !health.ready) res.status(503).setHeader('Retry-After', 1)
    return { ...health, version, signals: signals() }
  })
  mount(traceLink, () => ({ template: traceLinkTemplate() }))
}
