import { type Endpoint, fillPath, type GivenTo, idempotencyHeader, type OutputOf } from '@cruddur/shared/endpoint'
import { ErrorBody } from '@cruddur/shared/errors'
import * as z from 'zod/mini'
import { currentTraceId, inTrace } from '../telemetry/index.ts'
import { ApiError } from './api-error.ts'
import { learnServerTime } from './server-clock.ts'

/** Without this, zod tries to compile code, and the content security policy reports that. */
z.config({ jitless: true })

/** Empty if the page's own server proxies the API. */
export const apiOrigin = (import.meta.env?.VITE_BACKEND_URL ?? '').replace(/\/$/, '')

type Options = {
  signal?: AbortSignal | null
  /** The same for every try, so that the server carries the request out only once. */
  idempotencyKey?: string | null
}

/** Sends every API request of the page. A request is never the root of a trace. */
export const call = <E extends Endpoint>(endpoint: E, input: GivenTo<E>, options?: Options): Promise<OutputOf<E>> =>
  takeAhead(endpoint, input) ?? inTrace('page background', () => ask(endpoint, input, options))

const ahead = new Map<string, Promise<unknown>>()
const requestOf = ({ method, path }: Endpoint, input: object): string => `${method} ${path} ${JSON.stringify(input)}`

/** Sends a request before the code that will `call` it. The first such call gets the answer. */
export const callAhead = <E extends Endpoint>(endpoint: E, input: GivenTo<E>): void => {
  const answer = call(endpoint, input)
  // The call reports the error.
  answer.catch(() => {})
  ahead.set(requestOf(endpoint, input), answer)
}

const takeAhead = <E extends Endpoint>(endpoint: E, input: GivenTo<E>): Promise<OutputOf<E>> | undefined => {
  if (ahead.size === 0) return undefined
  const request = requestOf(endpoint, input)
  const answer = ahead.get(request)
  ahead.delete(request)
  return answer as Promise<OutputOf<E>> | undefined
}

const ask = async <E extends Endpoint>(
  endpoint: E,
  input: GivenTo<E>,
  { signal = null, idempotencyKey = null }: Options = {},
): Promise<OutputOf<E>> => {
  const traceId = currentTraceId()
  const sentAt = Date.now()
  const response = await send(endpoint, input, { signal, idempotencyKey }).catch((cause: unknown): never => {
    if (signal?.aborted) throw cause
    throw navigator.onLine
      ? new ApiError('unreachable', 'Cruddur cannot be reached.', { traceId })
      : new ApiError('offline', 'You are offline.', { traceId })
  })
  learnServerTime(response.headers.get('server-timing'), sentAt, Date.now())

  const body: unknown = await response.json().catch((cause: unknown) => {
    if (signal?.aborted) throw cause
    return undefined
  })
  if (!response.ok) throw refusal(response, body, traceId)

  const output = z.safeParse(endpoint.output, body)
  if (!output.success) throw new ApiError('unreadable', 'Cruddur sent an unexpected answer.', { traceId })
  return output.data as OutputOf<E>
}

const send = (
  endpoint: Endpoint,
  input: Record<string, unknown>,
  { signal, idempotencyKey }: Required<Options>,
): Promise<Response> => {
  const { path, rest } = fillPath(endpoint.path, input)
  const isPost = endpoint.method === 'POST'
  return fetch(`${apiOrigin}${path}${isPost ? '' : query(rest)}`, {
    method: endpoint.method,
    credentials: apiOrigin ? 'include' : 'same-origin',
    headers: {
      accept: 'application/json',
      ...(isPost && { 'content-type': 'application/json' }),
      ...(idempotencyKey && { [idempotencyHeader]: idempotencyKey }),
    },
    body: isPost ? JSON.stringify(rest) : null,
    // The request survives closing the tab.
    keepalive: endpoint.method !== 'GET',
    signal,
  })
}

const query = (input: Record<string, unknown>): string => {
  const given = Object.entries(input).filter(([, value]) => value !== undefined && value !== null)
  return given.length > 0 ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : ''
}

const refusal = (response: Response, body: unknown, traceId: string | null): ApiError => {
  const retryAfterSeconds = Number(response.headers.get('retry-after')) || null
  const parsed = z.safeParse(ErrorBody, body)
  if (!parsed.success) return new ApiError('unavailable', 'Cruddur cannot be reached.', { traceId, retryAfterSeconds })
  const { code, message, fields } = parsed.data
  return new ApiError(code, message, {
    traceId: parsed.data.traceId ?? traceId,
    retryAfterSeconds,
    ...(fields && { fields }),
  })
}
