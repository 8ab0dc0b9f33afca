import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Fields, isFields, itemOf } from '../trace/item.ts'
import { untraced } from '../trace/span.ts'
import { BodyTooLarge, BodyUnreadable, readBody, skipBody } from './body.ts'
import type { Refusing } from './faults.ts'
import type { Intake } from './intake.ts'

const maxItemBytes = 512 * 1024
const maxSourceMapBytes = 64 * 1024 * 1024
const levels = ['critical', 'error', 'warning', 'info', 'debug']
/** What an SDK sends when it was given none. */
const noTokens = ['undefined', 'null', 'disabled']

/** A page of any origin may post its errors, as with the real one. */
const openToPages = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST, OPTIONS',
  'access-control-allow-headers': 'Content-Type, X-Rollbar-Access-Token, Accept, Origin, X-Requested-With',
  'access-control-max-age': '600',
}

/** Under `/api/1/`: items, and what goes with them. */
export const takeItems =
  ({ store, changed }: Intake) =>
  async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const answer = (status: number, body: object) =>
      void response.writeHead(status, { ...openToPages, 'content-type': 'application/json' }).end(JSON.stringify(body))
    const refuse = (status: number, reason: string, name = '', data: Fields = {}) => {
      const what = status === 422 ? 'item' : 'request'
      const traceId = itemOf(data, '', 0).traceId ?? ''
      store.refuse({ atMs: Date.now(), vendor: 'rollbar', what, reason: `${reason} (${status})`, name, traceId })
      changed(traceId ? [traceId] : [])
      answer(status, { err: 1, message: reason })
    }

    if (request.method === 'OPTIONS') return void response.writeHead(204, openToPages).end()
    if (request.method !== 'POST') return answer(405, { err: 1, message: 'only POST' })
    try {
      const isItem = /^\/api\/1\/item\/?$/.test(path)
      if (!isItem) {
        await skipBody(request, maxSourceMapBytes)
        // Replays and source maps are of no use here, and no reason to disturb who sends them.
        if (/^\/api\/1\/(session|sourcemap)\/?$/.test(path)) return answer(200, { err: 0, result: {} })
        return answer(404, { err: 1, message: 'not found' })
      }
      const body = await readBody(request, false, maxItemBytes)
      const given = parse(body)
      if (!given) return refuse(400, 'the body is not a JSON object')
      const data = isFields(given.data) ? given.data : {}
      const token = request.headers['x-rollbar-access-token'] ?? given.access_token
      if (typeof token !== 'string' || token === '') return refuse(401, 'no access token was found in the request')
      if (noTokens.includes(token)) return refuse(403, `“${token}” is no access token`)
      const wrong = wrongWith(given.data)
      if (wrong) return refuse(422, `invalid format: ${wrong}`, nameOf(data), data)

      const uuid = typeof data.uuid === 'string' ? data.uuid : randomUUID().replaceAll('-', '')
      const item = itemOf(data, uuid, Date.now())
      store.addItem(item)
      changed([item.traceId ?? untraced])
      answer(200, { err: 0, result: { id: null, uuid } })
    } catch (error) {
      if (error instanceof BodyTooLarge) {
        response.setHeader('connection', 'close')
        refuse(413, `the payload is larger than ${maxItemBytes / 1024} KiB`)
      } else if (error instanceof BodyUnreadable) {
        if (!request.destroyed || request.complete) refuse(400, 'the body cannot be read')
      } else throw error
    }
  }

const parse = (body: Uint8Array): Fields | null => {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString())
    return isFields(value) ? value : null
  } catch {
    return null
  }
}

const nameOf = (data: Fields): string => {
  const item = itemOf(data, '', 0)
  return item.class ?? item.message
}

const kinds = ['trace', 'trace_chain', 'message', 'crash_report']

const wrongWith = (data: unknown): string | null => {
  if (!isFields(data)) return 'data is missing'
  const { environment, body, level, uuid, title, timestamp } = data
  if (typeof environment !== 'string' || environment === '') return 'data.environment is missing'
  if (environment.length > 255) return 'data.environment is longer than 255 characters'
  if (level !== undefined && !levels.includes(level as string)) return `data.level is none of ${levels.join(', ')}`
  if (uuid !== undefined && !(typeof uuid === 'string' && /^[\w-]{1,36}$/.test(uuid)))
    return 'data.uuid is no text of up to 36 characters'
  if (title !== undefined && !(typeof title === 'string' && title.length <= 255))
    return 'data.title is no text of up to 255 characters'
  if (timestamp !== undefined && !Number.isFinite(timestamp)) return 'data.timestamp is no number'
  if (!isFields(body)) return 'data.body is missing'
  const given = kinds.filter((kind) => body[kind] !== undefined)
  if (given.length !== 1) return `data.body has to have exactly one of ${kinds.join(', ')}`
  return wrongWithBody(body)
}

const wrongWithBody = ({ trace, trace_chain: chain, message }: Fields): string | null => {
  if (message !== undefined) {
    return isFields(message) && typeof message.body === 'string' ? null : 'data.body.message.body is missing'
  }
  if (chain !== undefined) {
    if (!Array.isArray(chain) || chain.length === 0) return 'data.body.trace_chain is empty'
    return chain.map((one, at) => wrongWithTrace(one, `data.body.trace_chain[${at}]`)).find(Boolean) ?? null
  }
  return trace === undefined ? null : wrongWithTrace(trace, 'data.body.trace')
}

const wrongWithTrace = (trace: unknown, where: string): string | null => {
  if (!isFields(trace)) return `${where} is no object`
  const { frames, exception } = trace
  if (!Array.isArray(frames)) return `${where}.frames is missing`
  if (!frames.every((frame) => isFields(frame) && typeof frame.filename === 'string'))
    return `${where}.frames has a frame without a filename`
  return isFields(exception) && typeof exception.class === 'string' ? null : `${where}.exception.class is missing`
}

const retryAfterS = 2
const spoken = (status: number, message: string, headers = {}) => ({
  status,
  headers: { ...openToPages, 'content-type': 'application/json', ...headers },
  body: JSON.stringify({ err: 1, message }),
})

export const rollbarRefusing: Refusing = {
  401: () => spoken(401, 'invalid access token'),
  429: () =>
    spoken(429, 'Rate limit for this access token exceeded.', {
      'access-control-expose-headers': 'X-Rate-Limit-Remaining, X-Rate-Limit-Remaining-Seconds',
      'retry-after': String(retryAfterS),
      'x-rate-limit-limit': '5000',
      'x-rate-limit-remaining': '0',
      'x-rate-limit-reset': String(Math.ceil(Date.now() / 1000) + retryAfterS),
      'x-rate-limit-remaining-seconds': String(retryAfterS),
    }),
  500: () => spoken(500, 'internal server error'),
}
