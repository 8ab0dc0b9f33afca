import assert from 'node:assert/strict'
import { test } from 'node:test'
import { completeEnvironment } from './environment.ts'

const complete = (env: NodeJS.ProcessEnv) => completeEnvironment(env, 'cruddur-backend')

test('sends everything to Honeycomb when only its key is set', () => {
  const env = complete({ HONEYCOMB_API_KEY: 'abc' })
  assert.equal(env.OTEL_EXPORTER_OTLP_ENDPOINT, 'https://api.honeycomb.io')
  assert.equal(env.OTEL_EXPORTER_OTLP_TRACES_HEADERS, 'x-honeycomb-team=abc')
  assert.equal(env.OTEL_EXPORTER_OTLP_LOGS_HEADERS, 'x-honeycomb-team=abc')
})

test('sends metrics to their own dataset at Honeycomb', () => {
  const { OTEL_EXPORTER_OTLP_METRICS_HEADERS: headers } = complete({ HONEYCOMB_API_KEY: 'abc' })
  assert.equal(headers, 'x-honeycomb-team=abc,x-honeycomb-dataset=cruddur-backend-metrics')
})

test('changes no variable that is set', () => {
  const given = {
    HONEYCOMB_API_KEY: 'abc',
    OTEL_SERVICE_NAME: 'mine',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://api.eu1.honeycomb.io',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-honeycomb-team=other',
    OTEL_METRICS_EXPORTER: 'console',
  }
  const env = complete(given)
  for (const [name, value] of Object.entries(given)) assert.equal(env[name], value)
})

test('sends the key to Honeycomb in any region, and nowhere else', () => {
  const headersFor = (endpoint: string) =>
    complete({ HONEYCOMB_API_KEY: 'abc', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }).OTEL_EXPORTER_OTLP_TRACES_HEADERS
  assert.equal(headersFor('https://api.eu1.honeycomb.io'), 'x-honeycomb-team=abc')
  assert.equal(headersFor('http://localhost:4318'), undefined)
  assert.equal(headersFor('https://honeycomb.io.evil.example'), undefined)
  const logsElsewhere = complete({
    HONEYCOMB_API_KEY: 'abc',
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://localhost:4318/v1/logs',
  })
  assert.equal(logsElsewhere.OTEL_EXPORTER_OTLP_TRACES_HEADERS, 'x-honeycomb-team=abc')
  assert.equal(logsElsewhere.OTEL_EXPORTER_OTLP_LOGS_HEADERS, undefined)
  assert.equal(logsElsewhere.OTEL_EXPORTER_OTLP_HEADERS, undefined)
})

test('takes the name from OTEL_RESOURCE_ATTRIBUTES when OTEL_SERVICE_NAME is not set', () => {
  const OTEL_RESOURCE_ATTRIBUTES = 'team=a,service.name=my%20shop'
  assert.equal(complete({ OTEL_RESOURCE_ATTRIBUTES }).OTEL_SERVICE_NAME, 'my shop')
  assert.equal(complete({ OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME: 'mine' }).OTEL_SERVICE_NAME, 'mine')
  assert.equal(complete({ OTEL_RESOURCE_ATTRIBUTES: 'service.name=50%' }).OTEL_SERVICE_NAME, 'cruddur-backend')
})

test("sends only traces by default, under the backend's name", () => {
  const env = complete({ OTEL_SERVICE_NAME: '' })
  assert.equal(env.OTEL_SERVICE_NAME, 'cruddur-backend')
  assert.equal(env.OTEL_EXPORTER_OTLP_ENDPOINT, undefined)
})
