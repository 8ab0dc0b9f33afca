import { parseUrl } from './node-20.ts'

/** A variable of the environment has a value that cannot be used. The message names the variable. */
export class WrongEnvironment extends Error {}

export type Settings = ReturnType<typeof settingsFrom>

/** What the environment says about telemetry. The SDKs read the OTEL_* and AWS variables themselves. */
export const settingsFrom = (env: NodeJS.ProcessEnv) => {
  // `NAME=` in a .env file counts as not set.
  const given = (name: string) => (env[name]?.trim() ? env[name] : undefined)
  const checked = (name: string, isRight: (value: string) => boolean, expectation: string): string | undefined => {
    const value = given(name)
    if (value !== undefined && !isRight(value)) throw new WrongEnvironment(`${name} ${expectation}.`)
    return value
  }
  const flag = (name: string): boolean =>
    checked(name, (value) => ['true', 'false'].includes(value), 'must be true or false') === 'true'
  const token = (name: string) => checked(name, (value) => /^[\x21-\x7e]+$/.test(value), 'must be a token')
  const url = (name: string) => checked(name, isHttp, 'must be http://… or https://…')
  for (const stream of ['', 'TRACES_', 'LOGS_', 'METRICS_']) url(`OTEL_EXPORTER_OTLP_${stream}ENDPOINT`)
  checked('OTEL_PROPAGATORS', isTraceContext, 'must be tracecontext, alone or with baggage, which is not passed on')
  const logFormat = checked('LOG_FORMAT', (value) => ['json', 'readable'].includes(value), 'must be json or readable')
  const region = given('AWS_REGION') ?? given('AWS_DEFAULT_REGION')
  const road = <Usual extends string>(name: string, usual: Usual, endpoint: string) => {
    const chosen = checked(name, (value) => value === usual || value === 'otlp', `must be ${usual} or otlp`) ?? usual
    if (chosen !== 'otlp') return { road: usual, region, endpoint: undefined }
    if (!region && !given(endpoint)) throw new WrongEnvironment(`${name}=otlp needs AWS_REGION.`)
    return { road: 'otlp' as const, region, endpoint: url(endpoint) }
  }
  const itemsPerMinute = checked(
    'ROLLBAR_ITEMS_PER_MINUTE',
    (value) => /^[1-9]\d{0,5}$/.test(value),
    'must be a number from 1 to 999999',
  )
  return {
    environment: given('NODE_ENV') ?? 'development',
    version: given('SERVICE_VERSION'),
    readableLog: logFormat === undefined ? process.stdout.isTTY === true : logFormat === 'readable',
    recordClientAddress: flag('RECORD_CLIENT_ADDRESS'),
    samplingKey: checked('TRACE_SAMPLING_KEY', ({ length }) => length >= 16, 'must have 16 characters or more'),
    traceLinkTemplate: given('TRACE_LINK_TEMPLATE'),
    honeycomb: {
      key: token('HONEYCOMB_API_KEY'),
      api: url('HONEYCOMB_API_ENDPOINT'),
      team: given('HONEYCOMB_TEAM'),
      environment: given('HONEYCOMB_ENVIRONMENT') ?? 'production',
      marker: flag('HONEYCOMB_MARKER'),
    },
    xray: {
      ...road('AWS_XRAY_ROAD', 'daemon', 'AWS_ENDPOINT_URL_XRAY'),
      apiKey: token('AWS_XRAY_API_KEY'),
      daemonAddress: given('AWS_XRAY_DAEMON_ADDRESS'),
      hostPattern: given('AWS_XRAY_URL'),
    },
    rollbar: {
      accessToken: token('ROLLBAR_ACCESS_TOKEN'),
      endpoint: url('ROLLBAR_ENDPOINT'),
      itemsPerMinute: Number(itemsPerMinute ?? 60),
    },
    cloudWatch: {
      ...road('AWS_LOGS_ROAD', 'winston', 'AWS_ENDPOINT_URL_CLOUDWATCH_LOGS'),
      apiKey: token('AWS_LOGS_API_KEY'),
    },
    logGroup: checked(
      'CLOUDWATCH_LOG_GROUP',
      (value) => /^[\w./#-]{1,512}$/.test(value),
      'must be the name of a log group',
    ),
  }
}

const isTraceContext = (list: string): boolean => {
  const names = list.split(',').map((name) => name.trim())
  return names.includes('tracecontext') && names.every((name) => name === 'tracecontext' || name === 'baggage')
}

const isHttp = (value: string): boolean => /^https?:$/.test(parseUrl(value)?.protocol ?? '')

const secretMinLength = 8

/** Secret values from the environment, redacted everywhere. A shorter value would match ordinary text. */
export const secretsIn = (source: NodeJS.ProcessEnv): string[] => {
  const values = Object.entries(source).flatMap(([name, value = '']) => {
    if (/_HEADERS$/.test(name)) return value.split(',').map((header) => header.replace(/^[^=]*=/, '').trim())
    if (/(^|_)(KEY|TOKEN|SECRET|PASSWORD|PGPASSWORD)$/.test(name)) return [value.trim()]
    return [parseUrl(value)?.password ?? '']
  })
  return [...new Set(values.flatMap((value) => [value, decoded(value)]))].filter(
    ({ length }) => length >= secretMinLength,
  )
}

const decoded = (value: string): string => {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
