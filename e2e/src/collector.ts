import { startHoneycomb } from '@cruddur/vendor-doubles'
import type { Span } from '@cruddur/vendor-doubles/span'

export type CollectedSpan = Span
export type Collector = Awaited<ReturnType<typeof startHoneycomb>>

/** An OTLP/HTTP endpoint on a free port. `handOnTo` gets a copy of every request. */
export const startCollector = async ({ handOnTo }: { handOnTo?: string | undefined } = {}): Promise<Collector> => {
  const collector = await startHoneycomb()
  if (handOnTo) {
    collector.fault = async ({ path, headers, body }) => {
      const { ok, status } = await fetch(handOnTo + path, {
        method: 'POST',
        headers: { 'content-type': headers['content-type'] ?? '' },
        body: new Uint8Array(body),
      })
      if (!ok) throw new Error(`${handOnTo} answers ${status}`)
      return null
    }
  }
  return collector
}
