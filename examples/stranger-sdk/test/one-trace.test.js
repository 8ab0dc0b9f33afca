import { spawn } from 'node:child_process'
import { after, before, test } from 'node:test'
import { expectPath, oneTrace, startCollector } from '@cruddur/expect-trace'
import { chromium } from 'playwright-core'

const port = process.env.PORT ?? '3900'
// The page's own SDK keeps spans for five seconds, and a busy machine needs longer.
const timeoutMs = 60_000
let collector, server, browser, page

before(async () => {
  collector = await startCollector()
  const env = { ...process.env, ...collector.env, PORT: port }
  server = spawn(process.execPath, ['--import', './telemetry.js', 'server.js'], { env, stdio: 'inherit' })
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH, args: ['--no-sandbox'] })
  page = await browser.newPage()
  while (!(await page.goto(`http://127.0.0.1:${port}`).catch(() => null))) await page.waitForTimeout(100)
})
after(async () => {
  await browser?.close()
  server?.kill()
  await collector?.stop()
})

test('buying is one trace, from the click to the SQL', async () => {
  const trace = await oneTrace(page, () => page.getByRole('button', { name: 'Buy' }).click(), { timeoutMs })
  expectPath(trace, [/^click/, { kind: 'client' }, 'POST /api/orders', /INSERT/])
})
