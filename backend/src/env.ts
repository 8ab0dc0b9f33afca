import * as z from 'zod/mini'

const flag = z.pipe(
  z.enum(['true', 'false'], 'must be true or false'),
  z.transform((value) => value === 'true'),
)
const port = z.pipe(
  z.string().check(z.regex(/^\d{1,5}$/, 'must be a port')),
  z.pipe(z.transform(Number), z.number().check(z.maximum(65535, 'must be a port'))),
)
const count = z.pipe(
  z.string().check(z.regex(/^[1-9]\d{0,5}$/, 'must be a number from 1 to 999999')),
  z.transform(Number),
)
const token = z.string().check(z.regex(/^[\x21-\x7e]+$/, 'must be a token'))
const httpUrl = z.url({ protocol: /^https?$/, error: 'must be http://… or https://…' })

const network = z.union([z.enum(['loopback', 'linklocal', 'uniquelocal']), z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])
// With a /0 network every client could forge its address.
const isNetwork = (name: string): boolean => z.safeParse(network, name).success && !name.endsWith('/0')
const proxies = z.pipe(
  z.pipe(
    z.string(),
    z.transform((list) => list.split(/[\s,]+/).filter((name) => name !== '')),
  ),
  z.array(
    z
      .string()
      .check(z.refine(isNetwork, 'must list addresses, networks (10.0.0.0/8), loopback, linklocal or uniquelocal')),
  ),
)

const Environment = z.object({
  PORT: z._default(port, 4567),
  HOST: z._default(z.string(), '127.0.0.1'),
  FRONTEND_URL: z._default(httpUrl, 'http://localhost:3000'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be postgres://user:password@host:port/database' }),
  DEMO_PEOPLE: z._default(flag, false),
  TRUSTED_PROXIES: z._default(proxies, ['loopback']),
  REQUESTS_PER_MINUTE: z._default(count, 1_200),
  WRITES_PER_MINUTE: z._default(count, 300),
  TRACE_LINK_TEMPLATE: z.optional(z.string().check(z.includes('{traceId}', 'must contain {traceId}'))),
})
export type Env = z.infer<typeof Environment>

const TelemetryEnvironment = z.object({
  NODE_ENV: z._default(z.string(), 'development'),
  LOG_FORMAT: z.optional(z.enum(['json', 'readable'], 'must be json or readable')),
  TRACE_LINK_TEMPLATE: z.optional(z.string()),
  RECORD_CLIENT_ADDRESS: z._default(flag, false),
  TRACE_SAMPLING_KEY: z.optional(z.string().check(z.minLength(16, 'must have 16 characters or more'))),
  HONEYCOMB_API_KEY: z.optional(token),
  HONEYCOMB_API_ENDPOINT: z.optional(httpUrl),
  HONEYCOMB_TEAM: z.optional(z.string()),
  HONEYCOMB_ENVIRONMENT: z._default(z.string(), 'production'),
  HONEYCOMB_MARKER: z._default(flag, false),
  AWS_XRAY_DAEMON_ADDRESS: z.optional(z.string()),
  AWS_XRAY_URL: z.optional(z.string()),
  ROLLBAR_ACCESS_TOKEN: z.optional(token),
  ROLLBAR_ENDPOINT: z.optional(httpUrl),
  ROLLBAR_ITEMS_PER_MINUTE: z._default(count, 60),
  CLOUDWATCH_LOG_GROUP: z._default(
    z.string().check(z.regex(/^[\w./#-]{1,512}$/, 'must be the name of a log group')),
    'cruddur',
  ),
})
export type TelemetryEnv = z.infer<typeof TelemetryEnvironment>

/** The application's settings. The SDKs read the OTEL_* and AWS variables themselves. */
export const readEnv = (source: NodeJS.ProcessEnv): Env => read(Environment, source)
/** The settings that telemetry needs before the application is loaded. */
export const readTelemetryEnv = (source: NodeJS.ProcessEnv): TelemetryEnv => read(TelemetryEnvironment, source)

const secretMinLength = 8

/** Secret values from the environment, redacted everywhere. A shorter value would match ordinary text. */
export const secretsIn = (source: NodeJS.ProcessEnv): string[] => {
  const values = Object.entries(source).flatMap(([name, value = '']) => {
    if (/_HEADERS$/.test(name)) return value.split(',').map((header) => header.replace(/^[^=]*=/, '').trim())
    if (/(^|_)(KEY|TOKEN|SECRET|PASSWORD|PGPASSWORD)$/.test(name)) return [value.trim()]
    return [URL.parse(value)?.password ?? '']
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

const read = <Schema extends z.ZodMiniType>(schema: Schema, source: NodeJS.ProcessEnv): z.infer<Schema> => {
  // `NAME=` in a .env file counts as not set.
  const set = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''))
  const result = z.safeParse(schema, set)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const name = String(issue?.path[0])
  throw new WrongEnvironment(set[name] === undefined ? `${name} is missing.` : `${name} ${issue?.message}.`)
}

export class WrongEnvironment extends Error {}
