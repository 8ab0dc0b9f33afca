// npm run pictures --workspace e2e    takes the pictures of the README and the docs from the running product
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { createObservatory } from '../../observatory/src/observatory.ts'
import { launchBrowser } from '../src/browser.ts'
import { actAs, likeButtonOf } from '../src/feed.ts'
import { startProduct } from '../src/product.ts'

const folder = fileURLToPath(new URL('../../docs/pictures/', import.meta.url))
mkdirSync(folder, { recursive: true })

const observatory = createObservatory()
await once(observatory.server.listen(0, '127.0.0.1'), 'listening')
const observatoryUrl = `http://localhost:${(observatory.server.address() as AddressInfo).port}`
const xrayPort = await observatory.daemon.listen(0)
const product = await startProduct({
  env: {
    OTEL_EXPORTER_OTLP_ENDPOINT: observatoryUrl,
    AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${xrayPort}`,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: observatoryUrl,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    ROLLBAR_ACCESS_TOKEN: 'local',
    ROLLBAR_ENDPOINT: `${observatoryUrl}/api/1/item/`,
    TRACE_LINK_TEMPLATE: `${observatoryUrl}/traces/{traceId}?span={spanId}`,
  },
})
const browser = await launchBrowser()

const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }
for (const [size, viewport] of Object.entries(sizes)) {
  for (const colorScheme of ['dark', 'light'] as const) {
    const context = await browser.newContext({
      viewport,
      colorScheme,
      isMobile: size === 'phone',
      hasTouch: size === 'phone',
    })
    const feed = await context.newPage()
    await feed.goto(product.url)
    await actAs(feed, 'Worf')
    await likeButtonOf(feed, 'Andrew Brown').click()
    const link = feed
      .getByRole('region', { name: 'Your last action' })
      // On a phone, the link is one word.
      .getByRole('link', { name: /trace/i })
      .first()
    await link.waitFor()
    await feed.waitForTimeout(600)
    await feed.screenshot({ path: `${folder}feed-${size}-${colorScheme}.png` })

    const waterfall = await context.newPage()
    await waterfall.goto((await link.getAttribute('href')) ?? '')
    await waterfall.getByRole('treeitem', { name: /click (un)?like/ }).waitFor()
    await waterfall.waitForTimeout(3_000)
    const statement = waterfall.getByRole('treeitem', { name: /(INSERT|DELETE) likes/ })
    await statement.waitFor()
    if (size === 'desktop') await statement.click()
    await waterfall.waitForTimeout(600)
    await waterfall.screenshot({ path: `${folder}waterfall-${size}-${colorScheme}.png` })
    await context.close()
  }
}

// The frames of the animated picture. Join them with: magick -delay 120 frames-dark/*.png docs/pictures/click-to-trace-dark.webp
for (const colorScheme of ['dark', 'light'] as const) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 720 }, colorScheme })
  const page = await context.newPage()
  const frames = `${process.env.FRAMES_FOLDER || tmpdir()}/frames-${colorScheme}`
  mkdirSync(frames, { recursive: true })
  let taken = 0
  const frame = async (times = 1) => {
    await page.waitForTimeout(400)
    for (let time = 0; time < times; time++)
      await page.screenshot({ path: `${frames}/${String(taken++).padStart(2, '0')}.png` })
  }

  await page.goto(product.url)
  await actAs(page, 'Worf')
  await frame(2)
  const like = likeButtonOf(page, 'Andrew Brown')
  await like.hover()
  await frame()
  await like.click()
  const link = page.getByRole('region', { name: 'Your last action' }).getByRole('link', { name: /trace/i }).first()
  await link.waitFor()
  await frame(2)
  await link.hover()
  await frame()
  await page.goto((await link.getAttribute('href')) ?? '')
  const statement = page.getByRole('treeitem', { name: /(INSERT|DELETE) likes/ })
  await statement.waitFor({ timeout: 15_000 })
  await frame(3)
  await statement.click()
  await frame(4)
  await context.close()
  console.log(`Frames: ${frames}`)
}
await browser.close()
await product.stop()
await observatory.close()
