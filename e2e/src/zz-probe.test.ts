import { test } from 'node:test'
import { launchBrowser } from './browser.ts'
import { startCollector } from './collector.ts'
import { actAs, openFeed, likeButtonOf } from './feed.ts'
import { startProduct } from './product.ts'
import { drawTrace, tracesOf } from './trace.ts'
test('probe', async () => {
  const collector = await startCollector()
  const product = await startProduct({ page: 'dev', env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } })
  const browser = await launchBrowser()
  try {
  const page = await openFeed(browser, product.url)
  page.on('console', (m) => process.stdout.write(`console ${m.type()} ${m.text()}\n`))
  page.on('pageerror', (m) => process.stdout.write(`pageerror ${m.stack}\n`))
  await page.waitForTimeout(3000)
  await page.reload()
  await page.getByRole('article').first().waitFor()
  await actAs(page, 'Worf')
  await page.waitForTimeout(500)
  await likeButtonOf(page, 'Garek').first().click()
  await page.waitForTimeout(3000)
  await page.close()
  await new Promise(r => setTimeout(r, 1500))
  for (const [, spans] of tracesOf(collector.spans.filter(s => !s.name.startsWith('resource')))) process.stdout.write(`${drawTrace(spans)}\n\n`)
  } finally { await browser.close(); await product.stop(); await collector.stop() }
})
