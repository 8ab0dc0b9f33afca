import type { ErrorCode } from '@cruddur/shared/errors'
import { statusByCode } from '@cruddur/shared/errors'

type Details = {
  fields?: Record<string, string>
  retryAfterSeconds?: number
  cause?: unknown
  /** Said on purpose, so that it is no fault in spite of its status. */
  isIntended?: boolean
}

/** A way of saying no. Everything else that is thrown is a fault of ours. */
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

export const invalidInput = (
  fields: Record<string, string>,
  message = 'Something in the request is not as it should be.',
) => new AppError('invalid_input', message, { fields })
export const malformed = (message: string) => new AppError('invalid_input', message)
export const unauthenticated = () => new AppError('unauthenticated', 'Say who you are first.')
export const wrongCredentials = () => new AppError('wrong_credentials', 'The handle or the password is wrong.')
export const forbidden = (message: string) => new AppError('forbidden', message)
export const notFound = (what: string) => new AppError('not_found', `There is no such ${what}.`)
export const conflict = (message: string) => new AppError('conflict', message)
export const handleTaken = () =>
  new AppError('handle_taken', 'This handle is taken.', { fields: { handle: 'Somebody has it already.' } })
export const tooManyRequests = (sentence: string, retryAfterSeconds: number) =>
  new AppError(
    'too_many_requests',
    `${sentence} Try again in ${retryAfterSeconds} second${retryAfterSeconds === 1 ? '' : 's'}.`,
    { retryAfterSeconds },
  )
export const tooLarge = (limitBytes: number) =>
  new AppError('payload_too_large', `A request's body may have ${limitBytes} bytes here.`)
export const unsupportedType = (message: string) => new AppError('unsupported_media_type', message)
/** Each caller is told another time to come back: they came in one moment. */
export const overloaded = () =>
  new AppError('unavailable', 'Too much is asked of Cruddur just now. Try again shortly.', {
    retryAfterSeconds: 2 + Math.floor(Math.random() * 4),
    isIntended: true,
  })
export const unavailable = (cause?: unknown) =>
  new AppError('unavailable', 'The storage cannot be reached at the moment. Try again shortly.', {
    retryAfterSeconds: 1,
    cause,
  })
