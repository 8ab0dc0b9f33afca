import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSettings } from './settings.mjs'

const destinationOf = (environment) => {
  const [{ destination, because }] = readSettings(environment).signals
  return { destination, because }
}

test('keeps everything on this machine and offers the demo people when nothing is set', () => {
  const { frontendUrl, backendUrl, observatoryUrl, databaseUrl, environment } = readSettings({})
  assert.deepEqual(
    { frontendUrl, backendUrl, observatoryUrl, databaseUrl },
    {
      frontendUrl: 'http://localhost:3000',
      backendUrl: 'http://localhost:4567',
      observatoryUrl: 'http://localhost:4318',
      databaseUrl: null,
    },
  )
  assert.equal(environment.DEMO_PEOPLE, 'true')
  assert.equal(environment.OTEL_EXPORTER_OTLP_ENDPOINT, 'http://localhost:4318')
  assert.equal(environment.TRACE_LINK_TEMPLATE, 'http://localhost:4318/traces/{traceId}?span={spanId}')
})

test('treats an unchanged copy of .env.example like no .env', () => {
  const empty = { DATABASE_URL: '', HONEYCOMB_API_KEY: '', PORT: '', OTEL_TRACES_EXPORTER: '', DEMO_PEOPLE: '' }
  assert.deepEqual(readSettings(empty), readSettings({}))
})

const elsewhere = {
  HONEYCOMB_API_KEY: 'hcaik_0123',
  AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2000',
  AWS_REGION: 'eu-central-1',
  ROLLBAR_ACCESS_TOKEN: 'server-token',
  VITE_ROLLBAR_ACCESS_TOKEN: 'page-token',
}

test('does not start the observatory when every signal goes elsewhere', () => {
  const { observatoryUrl, environment, ports, signals } = readSettings(elsewhere)
  assert.equal(observatoryUrl, null)
  assert.doesNotMatch(JSON.stringify(environment), /localhost:4318/)
  assert.deepEqual(
    ports.map(({ port }) => port),
    [3000, 4567],
  )
  assert.deepEqual(
    signals.map(({ destination }) => destination),
    ['Honeycomb', '127.0.0.1:2000', 'Rollbar', 'Rollbar', 'CloudWatch, eu-central-1'],
  )
})

for (const [name, where] of [
  ['HONEYCOMB_API_KEY', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
  ['AWS_XRAY_DAEMON_ADDRESS', 'AWS_XRAY_DAEMON_ADDRESS'],
  ['AWS_REGION', 'AWS_ENDPOINT_URL_CLOUDWATCH_LOGS'],
  ['ROLLBAR_ACCESS_TOKEN', 'ROLLBAR_ENDPOINT'],
  ['VITE_ROLLBAR_ACCESS_TOKEN', 'VITE_ROLLBAR_ENDPOINT'],
]) {
  test(`sends only the signal without its ${name} to the observatory`, () => {
    const { [name]: _, ...rest } = elsewhere
    const { environment, signals, observatoryUrl } = readSettings(rest)
    assert.equal(observatoryUrl, 'http://localhost:4318')
    assert.match(environment[where], /^http:\/\/localhost:4318|^127\.0\.0\.1:2000$/)
    assert.equal(signals.filter(({ destination }) => destination === 'the observatory').length, 1)
  })
}

test('says where spans go on the other road to X-Ray', () => {
  const xrayOf = (environment) => {
    const { signals, environment: completed } = readSettings({ AWS_XRAY_ROAD: 'otlp', ...environment })
    return [signals.find(({ signal }) => signal === 'X-Ray').destination, completed.AWS_ENDPOINT_URL_XRAY]
  }
  assert.deepEqual(xrayOf({ AWS_REGION: 'eu-central-1' }), ['X-Ray, eu-central-1', undefined])
  assert.deepEqual(xrayOf({ AWS_ENDPOINT_URL_XRAY: 'http://x:9' }), ['x:9', 'http://x:9'])
  assert.deepEqual(xrayOf({}), ['the observatory', 'http://localhost:4318'])
})

test('never replaces a value that is set', () => {
  const { environment } = readSettings({ AWS_ACCESS_KEY_ID: 'mine', ROLLBAR_ENDPOINT: 'http://localhost:9/' })
  assert.equal(environment.AWS_ACCESS_KEY_ID, 'mine')
  assert.equal(environment.ROLLBAR_ENDPOINT, 'http://localhost:9/')
})

test('says where the traces go and why', () => {
  const key = { HONEYCOMB_API_KEY: 'hcaik_0123' }
  const collector = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }
  assert.deepEqual(destinationOf(key), { destination: 'Honeycomb', because: 'HONEYCOMB_API_KEY is set' })
  assert.deepEqual(destinationOf({ ...key, ...collector }), {
    destination: 'collector:4318',
    because: 'OTEL_EXPORTER_OTLP_ENDPOINT is set',
  })
  assert.deepEqual(destinationOf({ OTEL_TRACES_EXPORTER: 'none' }), {
    destination: 'nowhere',
    because: 'OTEL_TRACES_EXPORTER is none',
  })
  assert.deepEqual(destinationOf({ OTEL_TRACES_EXPORTER: 'console' }), {
    destination: 'this terminal',
    because: 'OTEL_TRACES_EXPORTER is console',
  })
  assert.equal(destinationOf({ OTEL_TRACES_EXPORTER: 'console,otlp' }).destination, 'the observatory')
})

test('passes the reasons of the banner on to the Signals dialog', () => {
  const { environment, signals } = readSettings({ AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2000' })
  const reasons = JSON.parse(environment.SIGNAL_REASONS)
  assert.equal(reasons.OTEL_EXPORTER_OTLP_ENDPOINT, 'HONEYCOMB_API_KEY is not set')
  assert.equal(reasons.ROLLBAR_ENDPOINT, 'ROLLBAR_ACCESS_TOKEN is not set')
  assert.equal(reasons.AWS_ENDPOINT_URL_CLOUDWATCH_LOGS, 'AWS_REGION is not set')
  assert.equal(reasons.AWS_XRAY_DAEMON_ADDRESS, undefined)
  assert.equal(environment.VITE_ROLLBAR_REASON, signals.find(({ signal }) => signal === 'Page errors').because)
})

test('gives the errors of the page the environment of the backend', () => {
  assert.equal(readSettings({}).environment.VITE_ROLLBAR_ENVIRONMENT, 'development')
  assert.equal(readSettings({ NODE_ENV: 'production' }).environment.VITE_ROLLBAR_ENVIRONMENT, 'production')
  const chosen = { NODE_ENV: 'production', VITE_ROLLBAR_ENVIRONMENT: 'staging' }
  assert.equal(readSettings(chosen).environment.VITE_ROLLBAR_ENVIRONMENT, 'staging')
})

test('creates demo people in your own database only if DEMO_PEOPLE is true', () => {
  const DATABASE_URL = 'postgres://me:secret@db.example/cruddur'
  assert.equal(readSettings({ DATABASE_URL }).environment.DEMO_PEOPLE, 'false')
  assert.equal(readSettings({ DATABASE_URL, DEMO_PEOPLE: 'true' }).environment.DEMO_PEOPLE, 'true')
})

test('points the frontend to the port of the backend', () => {
  assert.equal(readSettings({ PORT: '4000' }).environment.BACKEND_URL, 'http://localhost:4000')
})

for (const [name, value] of Object.entries({
  PORT: '70000',
  OBSERVATORY_PORT: 'four',
  FRONTEND_URL: 'localhost:3000',
  BACKEND_URL: 'ftp://backend',
  DEMO_PEOPLE: 'yes',
  TRACE_LINK_TEMPLATE: 'https://vendor.example/traces',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318',
})) {
  test(`refuses a wrong ${name} in one line with its name, the rule and the value`, () => {
    assert.throws(
      () => readSettings({ [name]: value }),
      (error) => {
        assert.equal(error.name, 'Refusal')
        assert.ok(error.message.startsWith(`${name} must be `), error.message)
        assert.ok(error.message.endsWith(`It is: ${value}`), error.message)
        return !error.message.includes('\n')
      },
    )
  })
}

test('does not show a wrong value that may be secret', () => {
  for (const secret of [{ DATABASE_URL: 'mysql://me:hunter2@db/x' }, { HONEYCOMB_API_KEY: 'hunter2 ' }]) {
    assert.throws(
      () => readSettings(secret),
      (error) => error.message.includes('(not shown)') && !error.message.includes('hunter2'),
    )
  }
})

test('names the variables to change when two parts have the same port', () => {
  assert.throws(() => readSettings({ PORT: '3000' }), {
    message: 'the frontend and the backend both use port 3000: change FRONTEND_URL or PORT.',
  })
})
