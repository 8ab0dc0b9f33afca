import { Refusal } from './refusal.mjs'

const variables = {
  FRONTEND_URL: webAddress,
  BACKEND_URL: webAddress,
  PORT: portNumber,
  OBSERVATORY_PORT: portNumber,
  OBSERVATORY_XRAY_PORT: portNumber,
  DATABASE_URL: (value) =>
    isUrl(value, ['postgres:', 'postgresql:']) || 'must be an address like postgres://user:password@host:5432/name',
  DEMO_PEOPLE: (value) => ['true', 'false'].includes(value) || 'must be true or false',
  TRACE_LINK_TEMPLATE: (value) =>
    (isUrl(value.replace(/\{\w+\}/g, 'x'), ['http:', 'https:']) && value.includes('{traceId}')) ||
    'must be an http(s) address that contains {traceId}',
  OTEL_EXPORTER_OTLP_ENDPOINT: webAddress,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: webAddress,
  HONEYCOMB_API_KEY: (value) =>
    /^[\w-]+$/.test(value) || 'must be a key as Honeycomb shows it, without spaces or quotes',
  ROLLBAR_ENDPOINT: webAddress,
  VITE_ROLLBAR_ENDPOINT: webAddress,
  AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: webAddress,
}

/** What `npm start` runs, and where: what the environment says, and the observatory or an embedded database for the rest. */
export function readSettings(given) {
  // An empty variable is one that is not set: .env.example may be copied as it is.
  const environment = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''))
  for (const [name, check] of Object.entries(variables)) {
    const verdict = environment[name] === undefined || check(environment[name])
    if (verdict !== true) throw new Refusal(`${name} ${verdict}. It is: ${shown(name, environment[name])}`)
  }

  const { PORT = '4567', OBSERVATORY_PORT = '4318', FRONTEND_URL = 'http://localhost:3000' } = environment
  const { BACKEND_URL = `http://localhost:${PORT}`, DATABASE_URL } = environment
  const observatoryUrl = `http://localhost:${OBSERVATORY_PORT}`
  const { OBSERVATORY_XRAY_PORT = '2000' } = environment
  const signals = [
    traces(environment, observatoryUrl),
    segments(environment, OBSERVATORY_XRAY_PORT),
    errors(environment, observatoryUrl),
    errorsOfThePage(environment, observatoryUrl),
    logs(environment, observatoryUrl),
  ]
  const hasObservatory = signals.some(({ destination }) => destination === observatory)
  const ports = [
    { port: portOf(FRONTEND_URL), of: 'the frontend', variable: 'FRONTEND_URL' },
    { port: Number(PORT), of: 'the backend', variable: 'PORT' },
    ...(hasObservatory
      ? [
          { port: Number(OBSERVATORY_PORT), of: 'the observatory', variable: 'OBSERVATORY_PORT' },
          { port: Number(OBSERVATORY_XRAY_PORT), of: "the observatory's X-Ray", variable: 'OBSERVATORY_XRAY_PORT' },
        ]
      : []),
  ]
  refuseSharedPorts(ports)

  // The Signals dialog gives the same reasons as the banner.
  const reasons = signals.flatMap(({ because, environment: chosen = {} }) =>
    Object.keys(chosen).flatMap((name) => (environment[name] ? [] : [[name, because]])),
  )

  return {
    frontendUrl: FRONTEND_URL,
    backendUrl: `http://localhost:${PORT}`,
    observatoryUrl: hasObservatory ? observatoryUrl : null,
    databaseUrl: DATABASE_URL ?? null,
    signals,
    ports,
    environment: {
      DEMO_PEOPLE: DATABASE_URL ? 'false' : 'true',
      ...Object.assign({}, ...signals.map(({ environment: chosen }) => chosen ?? {})),
      ...environment,
      SIGNAL_REASONS: JSON.stringify(Object.fromEntries(reasons)),
      PORT,
      OBSERVATORY_PORT,
      OBSERVATORY_XRAY_PORT,
      FRONTEND_URL,
      BACKEND_URL,
    },
  }
}

const observatory = 'the observatory'

function traces(environment, observatoryUrl) {
  const row = (destination, because, chosen = {}) => ({ signal: 'Traces', destination, because, environment: chosen })
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER, HONEYCOMB_API_KEY } = environment
  if (OTEL_SDK_DISABLED === 'true') return row('nowhere', 'OTEL_SDK_DISABLED is true')
  if (OTEL_TRACES_EXPORTER && !OTEL_TRACES_EXPORTER.includes('otlp')) {
    return row(
      OTEL_TRACES_EXPORTER === 'none' ? 'nowhere' : 'this terminal',
      `OTEL_TRACES_EXPORTER is ${OTEL_TRACES_EXPORTER}`,
    )
  }
  for (const name of ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT']) {
    if (environment[name]) return row(new URL(environment[name]).host, `${name} is set`)
  }
  if (HONEYCOMB_API_KEY) return row('Honeycomb', 'HONEYCOMB_API_KEY is set')
  return row(observatory, 'HONEYCOMB_API_KEY is not set', {
    OTEL_EXPORTER_OTLP_ENDPOINT: observatoryUrl,
    TRACE_LINK_TEMPLATE: `${observatoryUrl}/traces/{traceId}?span={spanId}`,
  })
}

function segments({ AWS_XRAY_DAEMON_ADDRESS }, port) {
  const signal = 'X-Ray'
  if (AWS_XRAY_DAEMON_ADDRESS) {
    return { signal, destination: AWS_XRAY_DAEMON_ADDRESS, because: 'AWS_XRAY_DAEMON_ADDRESS is set' }
  }
  return {
    signal,
    destination: observatory,
    because: 'AWS_XRAY_DAEMON_ADDRESS is not set',
    environment: { AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${port}` },
  }
}

/** The observatory asks for a token as Rollbar does, and takes any. */
const localToken = 'local'

function errors({ ROLLBAR_ACCESS_TOKEN: token, ROLLBAR_ENDPOINT: endpoint }, observatoryUrl) {
  const signal = 'Rollbar'
  if (token) {
    return endpoint
      ? { signal, destination: new URL(endpoint).host, because: 'ROLLBAR_ENDPOINT is set' }
      : { signal, destination: 'Rollbar', because: 'ROLLBAR_ACCESS_TOKEN is set' }
  }
  return {
    signal,
    destination: observatory,
    because: 'ROLLBAR_ACCESS_TOKEN is not set',
    environment: { ROLLBAR_ACCESS_TOKEN: localToken, ROLLBAR_ENDPOINT: `${observatoryUrl}/api/1/item/` },
  }
}

function errorsOfThePage({ VITE_ROLLBAR_ACCESS_TOKEN: token, VITE_ROLLBAR_ENDPOINT: endpoint }, observatoryUrl) {
  const signal = 'Page errors'
  if (token) {
    return endpoint
      ? { signal, destination: new URL(endpoint).host, because: 'VITE_ROLLBAR_ENDPOINT is set' }
      : { signal, destination: 'Rollbar', because: 'VITE_ROLLBAR_ACCESS_TOKEN is set' }
  }
  const because = 'VITE_ROLLBAR_ACCESS_TOKEN is not set'
  return {
    signal,
    destination: observatory,
    because,
    environment: {
      VITE_ROLLBAR_ACCESS_TOKEN: localToken,
      VITE_ROLLBAR_ENDPOINT: `${observatoryUrl}/api/1/item/`,
      VITE_ROLLBAR_REASON: because,
    },
  }
}

function logs(environment, observatoryUrl) {
  const signal = 'CloudWatch'
  const { AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: endpoint, AWS_REGION, AWS_DEFAULT_REGION } = environment
  if (endpoint)
    return { signal, destination: new URL(endpoint).host, because: 'AWS_ENDPOINT_URL_CLOUDWATCH_LOGS is set' }
  const region = AWS_REGION ?? AWS_DEFAULT_REGION
  if (region) return { signal, destination: `CloudWatch, ${region}`, because: 'AWS_REGION is set' }
  return {
    signal,
    destination: observatory,
    because: 'AWS_REGION is not set',
    environment: {
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: observatoryUrl,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    },
  }
}

function refuseSharedPorts(ports) {
  for (const [index, { port, of, variable }] of ports.entries()) {
    const rival = ports.slice(0, index).find((other) => other.port === port)
    if (rival)
      throw new Refusal(`${rival.of} and ${of} both want port ${port}: change ${rival.variable} or ${variable}.`)
  }
}

function webAddress(value) {
  return isUrl(value, ['http:', 'https:']) || 'must be an address like http://localhost:3000'
}

function portNumber(value) {
  return (/^\d+$/.test(value) && Number(value) > 0 && Number(value) < 65536) || 'must be a port, 1 to 65535'
}

function isUrl(value, protocols) {
  return URL.canParse(value) && protocols.includes(new URL(value).protocol) && new URL(value).host !== ''
}

function portOf(address) {
  const { port, protocol } = new URL(address)
  return Number(port) || (protocol === 'https:' ? 443 : 80)
}

const shown = (name, value) => (/KEY|TOKEN|SECRET|DATABASE_URL/.test(name) ? '(not shown)' : value)
