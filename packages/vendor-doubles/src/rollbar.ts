import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { type Fields, type Protocol, parseFields, type Refusal, Refused, type Reply } from './protocol.ts'

/** The `data` of an item, as Rollbar's API describes it. */
export type RollbarItem = Fields & { uuid: string }

export type RollbarSink = {
  readonly item: (item: RollbarItem) => void
  readonly refused?: (refusal: Refusal) => void
}

export type RollbarOptions = {
  /** The access token that requests need. Without it, any token will do. */
  readonly token?: string | undefined
}

export const itemPath = '/api/1/item/'
const maxItemBytes = 512 * 1024
/** What an SDK sends when it was given no token. */
const missingTokens = ['undefined', 'null', 'disabled']
const retryAfterS = 2

/** A page of any origin may post its errors. Rollbar's SDK reads the exposed headers of each answer. */
const corsHeaders = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': [
    'X-Rate-Limit-Remaining',
    'X-Rate-Limit-Remaining-Seconds',
    'Rollbar-Replay-Enabled',
    'Rollbar-Replay-RateLimit-Remaining',
    'Rollbar-Replay-RateLimit-Reset',
  ].join(', '),
  'access-control-allow-methods': 'POST, OPTIONS',
  'access-control-allow-headers': 'Content-Type, X-Rollbar-Access-Token, Accept, Origin, X-Requested-With',
  'access-control-max-age': '600',
}

/** Rollbar's API for items. Source maps and session replays are accepted and thrown away. */
export const rollbarProtocol = (sink: RollbarSink, { token: wanted }: RollbarOptions = {}): Protocol => ({
  maxBodyBytes: maxItemBytes,
  skips: (path) => !isItemPath(path),
  refused: sink.refused ?? (() => {}),
  answer: ({ method, path, headers, body }) => {
    if (method === 'OPTIONS') return { status: 204, headers: corsHeaders }
    if (method !== 'POST') return errorReply(405, 'only POST')
    if (/^\/api\/1\/(session|sourcemap)\/?$/.test(path)) return reply(200, { err: 0, result: {} })
    if (!isItemPath(path)) return errorReply(404, 'not found')
    const given = parseFields(body)
    if (!given) throw new Refused(400, 'the body is not a JSON object')
    const token = headers['x-rollbar-access-token'] ?? given.access_token
    if (typeof token !== 'string' || token === '') throw new Refused(401, 'no access token was found in the request')
    if (missingTokens.includes(token)) throw new Refused(403, `“${token}” is not an access token`)
    if (wanted !== undefined && token !== wanted) throw new Refused(401, 'invalid access token')
    const { data } = given
    const problem = problemOf(given)
    if (problem) {
      const message = `invalid format: ${problem}`
      throw new Refused(422, message, { refusal: { what: 'item', reason: `${message} (422)`, given: data } })
    }
    const item = { uuid: randomUUID().replaceAll('-', ''), ...(data as Fields) }
    sink.item(item)
    return reply(200, { err: 0, result: { id: null, uuid: item.uuid } })
  },
  refuse: (_request, { status, message }) => errorReply(status, message),
  faults: {
    401: () => errorReply(401, 'invalid access token'),
    429: () =>
      errorReply(429, 'Rate limit for this access token exceeded.', {
        'retry-after': String(retryAfterS),
        'x-rate-limit-limit': '5000',
        'x-rate-limit-remaining': '0',
        'x-rate-limit-reset': String(Math.ceil(Date.now() / 1000) + retryAfterS),
        'x-rate-limit-remaining-seconds': String(retryAfterS),
      }),
    500: () => errorReply(500, 'internal server error'),
  },
})

const isItemPath = (path: string): boolean => /^\/api\/1\/item\/?$/.test(path)

const reply = (status: number, body: object, headers = {}): Reply => ({
  status,
  headers: { ...corsHeaders, 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})
const errorReply = (status: number, message: string, headers = {}) => reply(status, { err: 1, message }, headers)

const Trace = z.object({
  frames: z.array(z.object({ filename: z.string() })),
  exception: z.object({ class: z.string() }),
})
const bodies = {
  trace: Trace.optional(),
  trace_chain: z.array(Trace).min(1).optional(),
  message: z.object({ body: z.string() }).optional(),
  crash_report: z.object({}).optional(),
}
const hasOneBody = (body: object) => Object.keys(bodies).filter((kind) => kind in body).length === 1
const Item = z.object({
  data: z.object({
    environment: z.string().min(1).max(255),
    level: z.enum(['critical', 'error', 'warning', 'info', 'debug']).optional(),
    uuid: z
      .string()
      .regex(/^[\w-]{1,36}$/)
      .optional(),
    title: z.string().max(255).optional(),
    timestamp: z.number().optional(),
    body: z.object(bodies).refine(hasOneBody, `must have exactly one of ${Object.keys(bodies).join(', ')}`),
  }),
})

/** null: Rollbar would keep the item. */
const problemOf = (given: Fields): string | null => {
  const [issue] = z.safeParse(Item, given).error?.issues ?? []
  return issue ? `${issue.path.join('.')}: ${issue.message}` : null
}
