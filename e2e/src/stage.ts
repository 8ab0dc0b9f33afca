import { after } from 'node:test'
import type { Browser } from 'playwright-core'
import { launchBrowser } from './browser.ts'
import { type Collector, startCollector } from './collector.ts'
import { type Product, startProduct } from './product.ts'

type Stage = { collector: Collector; product: Product; browser: Browser }

/** A collector, a product that exports to it, and a browser. They stop at the end of the test file. */
export const startStage = async ({ env, ...options }: Parameters<typeof startProduct>[0] = {}): Promise<Stage> => {
  const stops: (() => Promise<void>)[] = []
  after(async () => {
    for (const stop of stops) await stop()
  })
  const collector = await startCollector()
  stops.unshift(() => collector.stop())
  const product = await startProduct({ ...options, env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env } })
  stops.unshift(() => product.stop())
  const browser = await launchBrowser()
  stops.unshift(() => browser.close())
  return { collector, product, browser }
}
