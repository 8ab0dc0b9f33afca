import { type Endpoint, type InputOf, idempotencyHeader, type OutputOf, pathParameters } from '@cruddur/shared/endpoint'
import { isFieldCode, sentenceByCode } from '@cruddur/shared/errors'
import type { UserShort } from '@cruddur/shared/users'
import { readBody } from '@cruddur/trace-node/express'
import type { Express, Request, Response } from 'express'
import * as z from 'zod/mini'
import { AppError, invalidInput, malformed, unauthenticated, unsupportedType } from '../errors.ts'
import { annotateUser } from '../telemetry/index.ts'

z.config(z.locales.en())

const bodyLimitBytes = 16 * 1024

type Call<E extends Endpoint> = {
  readonly input: InputOf<E>
  readonly user: UserShort | null
  /** A retry has the same key as its first request. */
  readonly idempotencyKey: string | null
  readonly req: Request
  readonly res: Response
}

export type Mount = <E extends Endpoint>(
  endpoint: E,
  answer: (call: Call<E>) => OutputOf<E> | Promise<OutputOf<E>>,
) => void

type Options = {
  /** Throws to refuse the request. */
  readonly admit: (req: Request) => void
  /** Finds the signed-in user. Left out for endpoints that must work without the database. */
  readonly identify?: (req: Request) => Promise<UserShort | null>
  /** Collects the endpoints, for the OpenAPI document. */
  readonly mounted: Endpoint[]
}

export const mountOn =
  (app: Express, { admit, identify, mounted }: Options): Mount =>
  (endpoint, answer) => {
    mounted.push(endpoint)
    const method = endpoint.method.toLowerCase() as 'get' | 'post' | 'delete'
    const names = pathParameters(endpoint.path)
    app[method](endpoint.path, async (req, res) => {
      admit(req)
      const input = parse(endpoint, { ...(await givenInput(req, names)), ...req.params })
      const user = (await identify?.(req)) ?? null
      if (identify) annotateUser(user?.uuid ?? null)
      const idempotencyKey = endpoint.isIdempotent ? idempotencyKeyOf(req) : null
      const output = await answer({ input, user, idempotencyKey, req, res })
      res.json(z.parse(endpoint.output, output))
    })
  }

export const requireUser = (user: UserShort | null): UserShort => {
  if (!user) throw unauthenticated()
  return user
}

const idempotencyKeyOf = (req: Request): string | null => {
  const key = req.get(idempotencyHeader)
  if (key === undefined) return null
  if (!/^[\x21-\x7e]{1,64}$/.test(key))
    throw invalidInput({ [idempotencyHeader]: 'must have 1 to 64 visible characters' })
  return key
}

const givenInput = async (req: Request, pathNames: string[]): Promise<Record<string, unknown>> => {
  const given = req.method === 'POST' ? await jsonBody(req) : req.query
  const repeated = pathNames.filter((name) => name in given)
  if (repeated.length > 0)
    throw invalidInput(Object.fromEntries(repeated.map((name) => [name, 'is already in the path'])))
  return given
}

const hasBody = (req: Request): boolean =>
  req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0

const jsonBody = async (req: Request): Promise<Record<string, unknown>> => {
  if (!hasBody(req)) return {}
  // Any site can send a form or plain text here. Before it sends JSON, a browser asks the server for permission.
  if (!req.is('application/json')) throw unsupportedType('Send application/json.')
  if (req.headers['content-encoding']) throw unsupportedType('Send an uncompressed body.')
  const text = (await readBody(req, bodyLimitBytes)).toString('utf8')
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed('Send a JSON object.')
  return value as Record<string, unknown>
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw malformed('The body is not JSON.')
  }
}

const parse = <E extends Endpoint>(endpoint: E, given: Record<string, unknown>): InputOf<E> => {
  const result = z.safeParse(endpoint.input, given)
  if (result.success) return result.data as InputOf<E>
  throw refusal(result.error.issues)
}

/** The first problem gives the answer its code. Every field gets a sentence. */
const refusal = (issues: readonly z.core.$ZodIssue[]): AppError => {
  const problems = new Map<string, string>()
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys) problems.set(key, 'is not a field of this request')
    else if (!problems.has(issue.path.join('.'))) problems.set(issue.path.join('.'), issue.message)
  }
  const [first = ''] = problems.values()
  const fields = Object.fromEntries(
    [...problems].map(([name, words]) => [name, isFieldCode(words) ? sentenceByCode[words] : words]),
  )
  return isFieldCode(first) ? new AppError(first, sentenceByCode[first], { fields }) : invalidInput(fields)
}
