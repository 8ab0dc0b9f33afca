import { startHoneycomb } from '@cruddur/vendor-doubles'

export type Collector = Awaited<ReturnType<typeof startHoneycomb>>

let latest: Collector | undefined

/** An OTLP/HTTP endpoint in this process. Start the application with its `env`, or with a port that you choose. */
export const startCollector = async ({ port = 0 }: { port?: number } = {}): Promise<Collector> => {
  const collector = await startHoneycomb({ port })
  // By default a server keeps spans for five seconds, and each check would wait for them.
  const env = { ...collector.env, OTEL_BSP_SCHEDULE_DELAY: '200' }
  latest = Object.assign(collector, { env })
  return latest
}

export const latestCollector = (): Collector => {
  if (!latest) throw new Error('No collector is running. Call startCollector() before the application starts.')
  return latest
}
