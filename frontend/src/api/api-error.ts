import { type ErrorBody, type ErrorCode, statusByCode } from '@cruddur/shared/errors'

/** The codes of the API, and three codes for requests without a usable answer. */
type Code = ErrorCode | 'offline' | 'unreachable' | 'unreadable'

type Details = Partial<Pick<ErrorBody, 'traceId' | 'fields'>> & { retryAfterSeconds?: number | null }

export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: Code
  /** The id that finds this request at every vendor. */
  readonly traceId: string | null
  readonly fields: Readonly<Record<string, string>>
  readonly retryAfterSeconds: number | null

  constructor(code: Code, message: string, details: Details = {}) {
    super(message)
    this.code = code
    this.traceId = details.traceId ?? null
    this.fields = details.fields ?? {}
    this.retryAfterSeconds = details.retryAfterSeconds ?? null
  }

  /** True for a status below 500 and for a request that reached no server. Neither is a fault to report. */
  get isAnswer(): boolean {
    return this.code === 'unreadable'
      ? false
      : this.code in statusByCode
        ? statusByCode[this.code as ErrorCode] < 500
        : true
  }
}

export const isApiError = (error: unknown, ...codes: Code[]): error is ApiError =>
  error instanceof ApiError && codes.includes(error.code)

export const traceIdOf = (error: unknown): string | null => (error instanceof ApiError ? error.traceId : null)
