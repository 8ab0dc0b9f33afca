import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Health } from '@cruddur/shared/health'
import { createDatabase, startBackend } from '../testing.ts'

test('gives the reason of `npm start` for an address that it chose, and the variable for any other', async () => {
  const { url: DATABASE_URL } = await createDatabase()
  const closedPort = 'http://127.0.0.1:1'
  const { call } = await startBackend({
    DATABASE_URL,
    OTEL_EXPORTER_OTLP_ENDPOINT: closedPort,
    OTEL_METRICS_EXPORTER: 'none',
    AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:1',
    ROLLBAR_ACCESS_TOKEN: 'local',
    ROLLBAR_ENDPOINT: closedPort,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: closedPort,
    SIGNAL_REASONS: JSON.stringify({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'HONEYCOMB_API_KEY is not set',
      ROLLBAR_ENDPOINT: 'ROLLBAR_ACCESS_TOKEN is not set',
    }),
  })
  const { signals } = (await call('GET', '/api/health-check')).body as Health
  assert.deepEqual(Object.fromEntries(signals.map(({ name, because }) => [name, because])), {
    spans: 'HONEYCOMB_API_KEY is not set',
    'browser spans': 'HONEYCOMB_API_KEY is not set',
    segments: 'AWS_XRAY_DAEMON_ADDRESS is set',
    faults: 'ROLLBAR_ACCESS_TOKEN is not set',
    'log lines': 'AWS_ENDPOINT_URL_CLOUDWATCH_LOGS is set',
    'OTLP log records': 'OTEL_LOGS_EXPORTER is not set',
    metrics: 'OTEL_METRICS_EXPORTER is none',
  })
})
