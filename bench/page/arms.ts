export type Kind = 'load' | 'click' | 'request' | 'error'

export type Arm = {
  readonly name: string
  /** Cruddur's own page, or the page in `minimal`. */
  readonly page: 'cruddur' | 'minimal'
  /** What the minimal page imports first. In Cruddur's page, `frontend/src/telemetry`. */
  readonly wiring?: string
  /** How trace-web keeps the context. */
  readonly context?: 'zone' | 'compiled'
  /** zone.js cannot follow a native await: context-zone's documentation asks for ES2015. */
  readonly target?: 'es2015'
  readonly packages?: readonly string[]
  /** What has to arrive at the sink for each load, click, request and error. What else arrives is shown, too. */
  readonly sends: readonly Kind[]
}

const all: readonly Kind[] = ['load', 'click', 'request', 'error']
const rollbar = 'minimal/ours-and-rollbar.js'

export const arms: readonly Arm[] = [
  { name: 'Cruddur: none', page: 'cruddur', sends: [] },
  { name: 'Cruddur: zone', page: 'cruddur', context: 'zone', sends: ['load', 'click', 'request'] },
  { name: 'Cruddur: compiled', page: 'cruddur', context: 'compiled', sends: ['load', 'click', 'request'] },

  { name: 'none', page: 'minimal', wiring: 'minimal/none.js', sends: [] },
  { name: 'ours, zone', page: 'minimal', wiring: 'minimal/ours.js', context: 'zone', sends: all },
  { name: 'ours, compiled', page: 'minimal', wiring: 'minimal/ours.js', context: 'compiled', sends: all },
  { name: 'ours, zone, Rollbar', page: 'minimal', wiring: rollbar, context: 'zone', sends: all },
  { name: 'ours, compiled, Rollbar', page: 'minimal', wiring: rollbar, context: 'compiled', sends: all },
  {
    name: 'Honeycomb, Rollbar',
    page: 'minimal',
    wiring: 'peers/honeycomb-and-rollbar.js',
    packages: ['@honeycombio/opentelemetry-web', '@opentelemetry/auto-instrumentations-web', 'rollbar'],
    sends: all,
  },
  {
    name: 'Sentry',
    page: 'minimal',
    wiring: 'peers/sentry.js',
    packages: ['@sentry/react'],
    sends: ['load', 'error'],
  },
  {
    name: 'Grafana Faro',
    page: 'minimal',
    wiring: 'peers/faro.js',
    packages: ['@grafana/faro-web-sdk', '@grafana/faro-web-tracing'],
    sends: ['load', 'request', 'error'],
  },
  {
    name: 'Datadog RUM',
    page: 'minimal',
    wiring: 'peers/datadog.js',
    packages: ['@datadog/browser-rum'],
    sends: all,
  },
  {
    name: 'Elastic RUM',
    page: 'minimal',
    wiring: 'peers/elastic.js',
    packages: ['@elastic/apm-rum'],
    sends: all,
  },
  {
    name: 'Dash0',
    page: 'minimal',
    wiring: 'peers/dash0.js',
    packages: ['@dash0/sdk-web'],
    sends: ['load', 'request', 'error'],
  },
  {
    name: 'OpenTelemetry, zone',
    page: 'minimal',
    wiring: 'peers/opentelemetry.js',
    target: 'es2015',
    packages: [
      '@opentelemetry/sdk-trace-web',
      '@opentelemetry/context-zone',
      '@opentelemetry/exporter-trace-otlp-http',
      '@opentelemetry/instrumentation-document-load',
      '@opentelemetry/instrumentation-fetch',
      '@opentelemetry/instrumentation-user-interaction',
    ],
    sends: ['load', 'click', 'request'],
  },
  {
    name: 'OpenTelemetry, browser-sdk',
    page: 'minimal',
    wiring: 'peers/opentelemetry-browser.js',
    packages: [
      '@opentelemetry/browser-sdk',
      '@opentelemetry/browser-instrumentation',
      'instrumentation-fetch-of-browser-sdk',
      'instrumentation-of-browser-sdk',
    ],
    sends: all,
  },
]
