import type { ErrorBody } from '@cruddur/shared/errors'
import type { ErrorRequestHandler, Request, RequestHandler } from 'express'
import { AppError, isFault, malformed, notFound } from '../errors.ts'
import { currentTraceId, log, reportFault, shortened } from '../telemetry/index.ts'
import { answerUnread } from './body.ts'

export const refuseUnknownPath: RequestHandler = (req) => {
  throw notFound(`There is nothing at ${req.method} ${shortened(req.path)}.`)
}

/** The only place that turns errors into HTTP. */
export const answerErrors: ErrorRequestHandler = (thrown: unknown, req, res, _next) => {
  const error = toAppError(thrown)
  const uuid = isFault(error) ? reportFault(thrown, factsOf(req)) : null
  if (error.code === 'internal') {
    log.error('a request failed', { error: stackOf(thrown), rollbar_uuid: uuid ?? undefined })
  }
  if (res.headersSent) return void res.destroy()
  const body: ErrorBody = {
    code: error.code,
    message: error.message,
    traceId: currentTraceId(),
    ...(error.fields && { fields: error.fields }),
  }
  if (error.retryAfterSeconds) res.setHeader('Retry-After', error.retryAfterSeconds)
  if (error.code === 'payload_too_large') return answerUnread(req, res, error.status, body)
  res.status(error.status).json(body)
}

const factsOf = (req: Request) => ({
  method: req.method,
  path: req.path,
  route: req.route ? req.baseUrl + String(req.route.path) : undefined,
  host: req.headers.host,
  protocol: req.protocol,
  userAgent: req.headers['user-agent'],
})

const toAppError = (thrown: unknown): AppError => {
  if (thrown instanceof AppError) return thrown
  if (isUndecodablePath(thrown)) return malformed('The path is not valid.')
  return new AppError('internal', 'Something went wrong on our side. Use the reference below to find it.')
}

// Express throws this for a path that it cannot decode, such as a stray `%`.
const isUndecodablePath = (thrown: unknown): boolean =>
  thrown instanceof URIError && 'status' in thrown && thrown.status === 400

const stackOf = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
