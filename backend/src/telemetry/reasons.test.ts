import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Health } from '@cruddur/shared/health'
import { createDatabase, startBackend } from '../testing.ts'

test('an address that `npm start` may have chosen is not said to be set by anybody', async () => {
  const { url: DATABASE_URL } = await createDatabase()
  const closedPort = 'http://127.0.0.1:1'
  const { call } = await startBackend({
    DATABASE_URL,
    OTEL_EXPORTER_OTLP_ENDPOINT: closedPort,
    AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:1',
    ROLLBAR_ACCESS_TOKEN: 'local',
    ROLLBAR_ENDPOINT: closedPort,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: closedPort,
  })
  const { signals } = (await call('GET', '/api/health-check')).body as Health
  const started = 'was set when the server was started'
  assert.deepEqual(Object.fromEntries(signals.map(({ name, because }) => [name, because])), {
    spans: `OTEL_EXPORTER_OTLP_ENDPOINT ${started}`,
    'browser spans': `OTEL_EXPORTER_OTLP_ENDPOINT ${started}`,
    segments: `AWS_XRAY_DAEMON_ADDRESS ${started}; delivered means sent, for UDP tells nobody what it loses`,
    faults: `ROLLBAR_ENDPOINT ${started}`,
    'log lines': `AWS_ENDPOINT_URL_CLOUDWATCH_LOGS ${started}`,
    'OTLP log records': 'OTEL_LOGS_EXPORTER is none',
    metrics: 'OTEL_METRICS_EXPORTER is none',
  })
})
