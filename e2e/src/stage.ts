import { after } from 'node:test'
import type { Browser } from 'playwright-core'
import { launchBrowser } from './browser.ts'
import { type Collector, startCollector } from './collector.ts'
import { type Product, startProduct } from './product.ts'

type Stage = { collector: Collector; product: Product; browser: Browser }

/** A collector, a product that exports to it, and a browser. They stop at the end of the test file. */
export const startStage = async ({ env, ...options }: Parameters<typeof startProduct>[0] = {}): Promise<Stage> => {
  const started: Partial<Stage> = {}
  after(async () => {
    await started.browser?.close()
    await started.product?.stop()
    await started.collector?.stop()
  })
  const collector = await startCollector()
  started.collector = collector
  const [product, browser] = await Promise.all([
    startProduct({ ...options, env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env } }).then(
      (one) => (started.product = one),
    ),
    launchBrowser().then((one) => (started.browser = one)),
  ])
  return { collector, product, browser }
}
