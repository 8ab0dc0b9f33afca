import { randomUUID } from 'node:crypto'
import { type Fields, isFields, type Protocol, parseFields, type Refusal, Refused, type Reply } from './protocol.ts'

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
const levels = ['critical', 'error', 'warning', 'info', 'debug']
/** What an SDK sends that was given no token. */
const missingTokens = ['undefined', 'null', 'disabled']
const retryAfterS = 2

/** A page of any origin may post its errors. */
const corsHeaders = {
  'access-control-allow-origin': '*',
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
    const problem = problemOf(data)
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
        'access-control-expose-headers': 'X-Rate-Limit-Remaining, X-Rate-Limit-Remaining-Seconds',
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

const bodyKinds = ['trace', 'trace_chain', 'message', 'crash_report']

const problemOf = (data: unknown): string | null => {
  if (!isFields(data)) return 'data is missing'
  const { environment, body, level, uuid, title, timestamp } = data
  if (typeof environment !== 'string' || environment === '') return 'data.environment is missing'
  if (environment.length > 255) return 'data.environment is longer than 255 characters'
  if (level !== undefined && !levels.includes(level as string)) return `data.level is not one of ${levels.join(', ')}`
  if (uuid !== undefined && !(typeof uuid === 'string' && /^[\w-]{1,36}$/.test(uuid)))
    return 'data.uuid is not a string of up to 36 characters'
  if (title !== undefined && !(typeof title === 'string' && title.length <= 255))
    return 'data.title is not a string of up to 255 characters'
  if (timestamp !== undefined && !Number.isFinite(timestamp)) return 'data.timestamp is not a number'
  if (!isFields(body)) return 'data.body is missing'
  if (bodyKinds.filter((kind) => body[kind] !== undefined).length !== 1)
    return `data.body must have exactly one of ${bodyKinds.join(', ')}`
  return problemOfBody(body)
}

const problemOfBody = ({ trace, trace_chain: chain, message }: Fields): string | null => {
  if (message !== undefined) {
    return isFields(message) && typeof message.body === 'string' ? null : 'data.body.message.body is missing'
  }
  if (chain !== undefined) {
    if (!Array.isArray(chain) || chain.length === 0) return 'data.body.trace_chain is empty'
    return chain.map((one, at) => problemOfTrace(one, `data.body.trace_chain[${at}]`)).find(Boolean) ?? null
  }
  return trace === undefined ? null : problemOfTrace(trace, 'data.body.trace')
}

const problemOfTrace = (trace: unknown, where: string): string | null => {
  if (!isFields(trace)) return `${where} is not an object`
  const { frames, exception } = trace
  if (!Array.isArray(frames)) return `${where}.frames is missing`
  if (!frames.every((frame) => isFields(frame) && typeof frame.filename === 'string'))
    return `${where}.frames has a frame without a filename`
  return isFields(exception) && typeof exception.class === 'string' ? null : `${where}.exception.class is missing`
}
