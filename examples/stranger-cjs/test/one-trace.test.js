const { spawn } = require('node:child_process')
const { after, before, test } = require('node:test')
const { expectPath, oneTrace, startCollector } = require('@cruddur/expect-trace')
const { chromium } = require('playwright-core')

const port = process.env.PORT ?? '3900'
// A busy machine needs longer.
const timeoutMs = 60_000
let collector, server, browser, page

before(async () => {
  collector = await startCollector()
  const env = { ...process.env, ...collector.env, OTEL_SERVICE_NAME: 'shop-api', PORT: port }
  server = spawn(process.execPath, ['--require', '@cruddur/trace-node/register', 'server.js'], {
    env,
    stdio: 'inherit',
  })
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
  expectPath(trace, [/^click/, { kind: 'client' }, 'POST /api/orders', /^INSERT/])
})
