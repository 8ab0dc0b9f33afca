import type { ErrorCode } from '@cruddur/shared/errors'
import { statusByCode } from '@cruddur/shared/errors'

type Details = {
  fields?: Record<string, string>
  retryAfterSeconds?: number
  cause?: unknown
  /** True for a deliberate refusal with a status of 500 or more. It is not a fault. */
  isIntended?: boolean
}

/** A deliberate refusal. Any other error that is thrown is a fault. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly fields: Record<string, string> | undefined
  readonly retryAfterSeconds: number | undefined
  readonly isIntended: boolean

  constructor(
    code: ErrorCode,
    message: string,
    { fields, retryAfterSeconds, cause, isIntended = false }: Details = {},
  ) {
    super(message, { cause })
    this.code = code
    this.fields = fields
    this.retryAfterSeconds = retryAfterSeconds
    this.isIntended = isIntended
  }

  get status(): number {
    return statusByCode[this.code]
  }
}

export const isFault = (error: unknown): boolean =>
  !(error instanceof AppError) || (error.status >= 500 && !error.isIntended)

export const invalidInput = (fields: Record<string, string>, message = 'The request is not valid.') =>
  new AppError('invalid_input', message, { fields })
export const malformed = (message: string) => new AppError('invalid_input', message)
export const unauthenticated = () => new AppError('unauthenticated', 'Sign in first.')
export const wrongCredentials = () => new AppError('wrong_credentials', 'The handle or the password is wrong.')
export const forbidden = (message: string) => new AppError('forbidden', message)
export const notFound = (message: string) => new AppError('not_found', message)
export const noSuchPerson = () => notFound('This person does not exist.')
export const conflict = (message: string) => new AppError('conflict', message)
export const handleTaken = () =>
  new AppError('handle_taken', 'This handle is taken.', { fields: { handle: 'Someone already has this handle.' } })
export const tooManyRequests = (sentence: string, retryAfterSeconds: number) =>
  new AppError(
    'too_many_requests',
    `${sentence} Try again in ${retryAfterSeconds} second${retryAfterSeconds === 1 ? '' : 's'}.`,
    { retryAfterSeconds },
  )
export const unsupportedType = (message: string) => new AppError('unsupported_media_type', message)
/** The time to retry is random, so that callers who were refused together do not return together. */
export const overloaded = () =>
  new AppError('unavailable', 'Cruddur is too busy. Try again in a moment.', {
    retryAfterSeconds: 2 + Math.floor(Math.random() * 4),
    isIntended: true,
  })
export const unavailable = (cause?: unknown) =>
  new AppError('unavailable', 'Cruddur cannot reach its database. Try again in a moment.', {
    retryAfterSeconds: 1,
    cause,
  })
