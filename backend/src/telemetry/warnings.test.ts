import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDatabase, eventually, spawnBackend } from '../testing.ts'

const closedPort = 'http://127.0.0.1:1'

const warningsOf = async (LOG_FORMAT: string) => {
  const database = await createDatabase()
  const backend = spawnBackend({
    PORT: '0',
    DATABASE_URL: database.url,
    LOG_FORMAT,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: closedPort,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: closedPort,
    AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:1',
  })
  const [stdout, stderr] = [[] as string[], [] as string[]]
  backend.process.stdout?.on('data', (text) => stdout.push(text))
  backend.process.stderr?.on('data', (text) => stderr.push(text))
  await eventually(() => /log lines → /.test(stderr.join('')) && /segments → /.test(stderr.join('')))
  await eventually(() => /the backend is ready/.test(stdout.join('')))
  backend.process.kill('SIGTERM')
  await backend.exit
  const linesOf = (parts: string[]) => parts.join('').split('\n').filter(Boolean)
  return { stdout: linesOf(stdout), stderr: linesOf(stderr) }
}

test('writes a warning as JSON to stderr when the log is JSON', async () => {
  const { stdout, stderr } = await warningsOf('json')
  for (const line of stderr) {
    const { timestamp, level, message } = JSON.parse(line)
    assert.ok(Date.parse(timestamp) > 0, line)
    assert.equal(level, 'warn')
    assert.match(message, /^(log lines|segments|spans) → \S+:/)
  }
  assert.doesNotMatch(stdout.join(), /failed attempt/)
})

test('writes a warning as a plain line when the log is readable', async () => {
  const { stderr } = await warningsOf('readable')
  for (const line of stderr) assert.match(line, /^(log lines|segments|spans) → \S+:? .*(failed attempt|dropped)/)
})
