import type { ErrorBody } from '@cruddur/shared/errors'
import { answerUnread, BodyError, faults } from '@cruddur/trace-node/express'
import type { ErrorRequestHandler, RequestHandler } from 'express'
import { AppError, isFault, malformed, notFound } from '../errors.ts'
import { currentTraceId, shortened } from '../telemetry/index.ts'

export const refuseUnknownPath: RequestHandler = (req) => {
  throw notFound(`There is nothing at ${req.method} ${shortened(req.path)}.`)
}

/** Comes before `answerErrors`. The storage has its own line for a database that does not answer. */
export const reportFaults: ErrorRequestHandler = faults({
  isFault: (thrown) => isFault(toAppError(thrown)),
  isLogged: (thrown) => toAppError(thrown).code === 'internal',
})

/** The only place that turns errors into HTTP. */
export const answerErrors: ErrorRequestHandler = (thrown: unknown, req, res, _next) => {
  const error = toAppError(thrown)
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

const toAppError = (thrown: unknown): AppError => {
  if (thrown instanceof AppError) return thrown
  if (thrown instanceof BodyError)
    return new AppError(thrown.status === 413 ? 'payload_too_large' : 'invalid_input', thrown.message)
  if (isUndecodablePath(thrown)) return malformed('The path is not valid.')
  return new AppError('internal', 'Something went wrong on our side. Use the reference below to find it.')
}

// Express throws this for a path that it cannot decode, such as a stray `%`.
const isUndecodablePath = (thrown: unknown): boolean =>
  thrown instanceof URIError && 'status' in thrown && thrown.status === 400
