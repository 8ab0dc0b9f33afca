import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { after, before, test } from 'node:test'
import { expectPath, oneTrace } from '@cruddur/expect-trace'
import { startVendorDoubles } from '@cruddur/vendor-doubles'
import { chromium } from 'playwright-core'

const port = process.env.PORT ?? '3900'
// A busy machine needs longer.
const timeoutMs = 60_000
let vendors, server, browser, page

before(async () => {
  vendors = await startVendorDoubles()
  const aws = { AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any', CLOUDWATCH_LOG_GROUP: 'shop' }
  const env = { ...process.env, ...vendors.env, ...aws, OTEL_BSP_SCHEDULE_DELAY: '200', PORT: port }
  server = spawn(process.execPath, ['--import', './telemetry.js', 'server.js'], { env, stdio: 'inherit' })
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH, args: ['--no-sandbox'] })
  page = await browser.newPage()
  while (!(await page.goto(`http://127.0.0.1:${port}`).catch(() => null))) await page.waitForTimeout(100)
})
after(async () => {
  await browser?.close()
  server?.kill()
  await vendors?.stop()
})

test('buying is one trace, from the click to the SQL, with its segment and its log line', async () => {
  const { honeycomb, xray, cloudwatch } = vendors
  const trace = await oneTrace(page, () => page.getByRole('button', { name: 'Buy' }).click(), {
    collector: honeycomb,
    timeoutMs,
  })
  expectPath(trace, [/^click/, { kind: 'client' }, 'POST /api/orders', /^INSERT/])
  const xrayId = `1-${trace.id.slice(0, 8)}-${trace.id.slice(8)}`
  await xray.waitFor((segments) => segments.some(({ trace_id }) => trace_id === xrayId))
  await cloudwatch.waitFor((lines) => lines.some(({ message }) => JSON.parse(message).trace_id === trace.id))
})

test('a failing return is one item at Rollbar, under the id of its click', async () => {
  const { honeycomb, rollbar } = vendors
  const trace = await oneTrace(page, () => page.getByRole('button', { name: 'Return' }).click(), {
    collector: honeycomb,
    timeoutMs,
  })
  const items = await rollbar.waitFor((found) => found.some(({ custom }) => custom?.trace_id === trace.id))
  assert.equal(items.length, 1)
})
