import { startHoneycomb } from '@cruddur/vendor-doubles'

export type Collector = Awaited<ReturnType<typeof startHoneycomb>>

let latest: Collector | undefined

/** An OTLP/HTTP endpoint in this process. Start the application with its `env`, or with a port that you choose. */
export const startCollector = async ({ port = 0 }: { port?: number } = {}): Promise<Collector> => {
  latest = await startHoneycomb({ port })
  return latest
}

export const latestCollector = (): Collector => {
  if (!latest) throw new Error('No collector is running. Call startCollector() before the application starts.')
  return latest
}
