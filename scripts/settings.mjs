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

/** What `npm start` runs, and where. The observatory and an embedded database replace addresses that are not set. */
export function readSettings(given) {
  // An empty variable counts as not set: you can copy .env.example without changes.
  const environment = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''))
  for (const [name, check] of Object.entries(variables)) {
    const answer = environment[name] === undefined || check(environment[name])
    if (answer !== true) throw new Refusal(`${name} ${answer}. It is: ${shown(name, environment[name])}`)
  }

  const { PORT = '4567', OBSERVATORY_PORT = '4318', OBSERVATORY_XRAY_PORT = '2000' } = environment
  const { FRONTEND_URL = 'http://localhost:3000', BACKEND_URL = `http://localhost:${PORT}`, DATABASE_URL } = environment
  const observatoryUrl = `http://localhost:${OBSERVATORY_PORT}`
  const signals = signalsOf(environment, observatoryUrl, OBSERVATORY_XRAY_PORT)
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
      VITE_ROLLBAR_ENVIRONMENT: environment.NODE_ENV ?? 'development',
      ...Object.assign({}, ...signals.map(({ environment: needed }) => needed)),
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

/** Where each signal goes and why, and what the application needs in its environment to send it to the observatory. */
function signalsOf(environment, observatoryUrl, xrayPort) {
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER, AWS_XRAY_ROAD, AWS_XRAY_DAEMON_ADDRESS } = environment
  const { AWS_REGION, AWS_DEFAULT_REGION } = environment

  /** The first of `places` that is set decides; without one, the signal stays here because `wanted` is not set. */
  const row = (signal, places, wanted, needed) => {
    const [name, destination] = places.find(([variable]) => environment[variable]) ?? []
    if (!name) return { signal, destination: observatory, because: `${wanted} is not set`, environment: needed }
    return { signal, destination: destination ?? new URL(environment[name]).host, because: `${name} is set` }
  }
  // Like Rollbar, the observatory requires a token. It accepts any token.
  const rollbar = (signal, prefix) => {
    const [token, endpoint] = [`${prefix}ROLLBAR_ACCESS_TOKEN`, `${prefix}ROLLBAR_ENDPOINT`]
    return row(signal, environment[token] ? [[endpoint], [token, 'Rollbar']] : [], token, {
      [token]: 'local',
      [endpoint]: `${observatoryUrl}/api/1/item/`,
      ...(prefix && { VITE_ROLLBAR_REASON: `${token} is not set` }),
    })
  }
  const regions = (service) => [
    ['AWS_REGION', `${service}, ${AWS_REGION}`],
    ['AWS_DEFAULT_REGION', `${service}, ${AWS_DEFAULT_REGION}`],
  ]
  const xray = () => {
    if (AWS_XRAY_ROAD === 'otlp') {
      const places = [['AWS_ENDPOINT_URL_XRAY'], ...regions('X-Ray')]
      return row('X-Ray', places, 'AWS_REGION', { AWS_ENDPOINT_URL_XRAY: observatoryUrl })
    }
    return row('X-Ray', [['AWS_XRAY_DAEMON_ADDRESS', AWS_XRAY_DAEMON_ADDRESS]], 'AWS_XRAY_DAEMON_ADDRESS', {
      AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${xrayPort}`,
    })
  }
  const traces = () => {
    const signal = 'Traces'
    if (OTEL_SDK_DISABLED === 'true') return { signal, destination: 'nowhere', because: 'OTEL_SDK_DISABLED is true' }
    if (OTEL_TRACES_EXPORTER && !OTEL_TRACES_EXPORTER.includes('otlp')) {
      const destination = OTEL_TRACES_EXPORTER === 'none' ? 'nowhere' : 'this terminal'
      return { signal, destination, because: `OTEL_TRACES_EXPORTER is ${OTEL_TRACES_EXPORTER}` }
    }
    const places = [
      ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'],
      ['OTEL_EXPORTER_OTLP_ENDPOINT'],
      ['HONEYCOMB_API_KEY', 'Honeycomb'],
    ]
    return row(signal, places, 'HONEYCOMB_API_KEY', {
      OTEL_EXPORTER_OTLP_ENDPOINT: observatoryUrl,
      TRACE_LINK_TEMPLATE: `${observatoryUrl}/traces/{traceId}?span={spanId}`,
    })
  }

  return [
    traces(),
    xray(),
    rollbar('Rollbar', ''),
    rollbar('Page errors', 'VITE_'),
    row('CloudWatch', [['AWS_ENDPOINT_URL_CLOUDWATCH_LOGS'], ...regions('CloudWatch')], 'AWS_REGION', {
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: observatoryUrl,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    }),
  ]
}

function refuseSharedPorts(ports) {
  for (const [index, { port, of, variable }] of ports.entries()) {
    const rival = ports.slice(0, index).find((other) => other.port === port)
    if (rival)
      throw new Refusal(`${rival.of} and ${of} both use port ${port}: change ${rival.variable} or ${variable}.`)
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
