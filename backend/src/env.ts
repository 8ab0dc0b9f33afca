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

/** The application's settings. The SDKs read the OTEL_* and AWS variables themselves. */
export const readEnv = (source: NodeJS.ProcessEnv): Env => read(Environment, source)

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
