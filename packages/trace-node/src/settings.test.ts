import assert from 'node:assert/strict'
import { test } from 'node:test'
import { secretsIn, settingsFrom } from './settings.ts'

test('a wrong value gets one line that names its variable', () => {
  const wrong = [
    [{ LOG_FORMAT: 'xml' }, 'LOG_FORMAT must be json or readable.'],
    [{ RECORD_CLIENT_ADDRESS: 'yes' }, 'RECORD_CLIENT_ADDRESS must be true or false.'],
    [{ TRACE_SAMPLING_KEY: 'short' }, 'TRACE_SAMPLING_KEY must have 16 characters or more.'],
    [{ HONEYCOMB_API_KEY: 'two words' }, 'HONEYCOMB_API_KEY must be a token.'],
    [{ HONEYCOMB_API_ENDPOINT: 'api.honeycomb.io' }, 'HONEYCOMB_API_ENDPOINT must be http://… or https://….'],
    [{ HONEYCOMB_MARKER: '1' }, 'HONEYCOMB_MARKER must be true or false.'],
    [{ ROLLBAR_ENDPOINT: 'ftp://x/' }, 'ROLLBAR_ENDPOINT must be http://… or https://….'],
    [{ AWS_XRAY_ROAD: 'udp' }, 'AWS_XRAY_ROAD must be daemon or otlp.'],
    [{ AWS_XRAY_ROAD: 'otlp' }, 'AWS_XRAY_ROAD=otlp needs AWS_REGION.'],
    [{ AWS_XRAY_ROAD: 'otlp', AWS_ENDPOINT_URL_XRAY: 'x' }, 'AWS_ENDPOINT_URL_XRAY must be http://… or https://….'],
    [{ AWS_LOGS_ROAD: 'daemon' }, 'AWS_LOGS_ROAD must be winston or otlp.'],
    [{ AWS_LOGS_ROAD: 'otlp' }, 'AWS_LOGS_ROAD=otlp needs AWS_REGION.'],
    [{ AWS_REGION: 'x', AWS_LOGS_ROAD: 'otlp', AWS_LOGS_API_KEY: 'a b' }, 'AWS_LOGS_API_KEY must be a token.'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318' }, 'OTEL_EXPORTER_OTLP_ENDPOINT must be http://… or https://….'],
    [{ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'x' }, 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT must be http://… or https://….'],
    ...['b3', 'none', 'baggage', 'tracecontext,xray'].map(
      (given) =>
        [
          { OTEL_PROPAGATORS: given },
          'OTEL_PROPAGATORS must be tracecontext, alone or with baggage, which is not passed on.',
        ] as const,
    ),
    [{ CLOUDWATCH_LOG_GROUP: 'a group' }, 'CLOUDWATCH_LOG_GROUP must be the name of a log group.'],
  ] as const
  for (const [given, message] of wrong) assert.throws(() => settingsFrom(given), { message })
})

test('the usual propagators, and variables without a value, are right', () => {
  for (const given of ['tracecontext,baggage', 'baggage, tracecontext', 'tracecontext', '', ' '])
    settingsFrom({ OTEL_PROPAGATORS: given, OTEL_EXPORTER_OTLP_ENDPOINT: ' ', LOG_FORMAT: '' })
})

test('the limit of Rollbar items is a number', () => {
  assert.equal(settingsFrom({ ROLLBAR_ITEMS_PER_MINUTE: '' }).rollbar.itemsPerMinute, 60)
  assert.equal(settingsFrom({ ROLLBAR_ITEMS_PER_MINUTE: '600' }).rollbar.itemsPerMinute, 600)
  for (const wrong of ['0', 'many', '-1']) {
    assert.throws(() => settingsFrom({ ROLLBAR_ITEMS_PER_MINUTE: wrong }), {
      message: 'ROLLBAR_ITEMS_PER_MINUTE must be a number from 1 to 999999.',
    })
  }
})

test('secrets are recognised by their names, both as written and decoded', () => {
  const secrets = secretsIn({
    HONEYCOMB_API_KEY: 'hcaik_0123456789',
    AWS_SECRET_ACCESS_KEY: 'aws-secret-access',
    AWS_SESSION_TOKEN: 'local',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-honeycomb-team=hcaik_0123456789,authorization=Bearer%20abcdef',
    DATABASE_URL: 'postgres://cruddur:bat%2Fleth-9@localhost/cruddur',
    FRONTEND_URL: 'http://localhost:3000',
    KEYBOARD: 'a-long-word-but-no-secret',
  })
  assert.deepEqual(secrets.sort(), [
    'Bearer abcdef',
    'Bearer%20abcdef',
    'aws-secret-access',
    'bat%2Fleth-9',
    'bat/leth-9',
    'hcaik_0123456789',
  ])
})
