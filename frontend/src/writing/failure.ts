import { ApiError, traceIdOf } from '../api/api-error.ts'

/** The result of a failed send: the text waits for another try, or its author has to change it. */
export type Failure = {
  state: 'waiting' | 'refused'
  sentence: string
  traceId: string | null
  retryAfterMs?: number | null
  isSignedOut?: boolean
  /** The key belongs to another text: the next try needs a new key. */
  isKeySpent?: boolean
}

export const failureOf = (error: unknown): Failure => {
  if (!(error instanceof ApiError)) return waiting('Cruddur took too long to answer.', error)
  switch (error.code) {
    case 'offline':
      return waiting('You are offline.', error)
    case 'unreachable':
    case 'unavailable':
    case 'unreadable':
      return waiting('Cruddur cannot be reached.', error)
    case 'too_many_requests':
      return waiting(error.message, error)
    case 'unauthenticated':
      return { ...waiting('Sign in again to send it.', error), isSignedOut: true }
    case 'not_found':
      return refused('The crud or the account is no longer there.')
    case 'conflict':
      return { ...refused('An earlier version was already sent. Send again to add this one.'), isKeySpent: true }
    case 'internal':
      return refused('Something went wrong on our side. We have logged it. Try again.', error.traceId)
    default:
      return refused(error.fields.message ?? error.fields.ttl ?? error.message)
  }
}

const waiting = (sentence: string, error: unknown): Failure => ({
  state: 'waiting',
  sentence,
  traceId: traceIdOf(error),
  retryAfterMs: error instanceof ApiError && error.retryAfterSeconds ? 1_000 * error.retryAfterSeconds : null,
})

const refused = (sentence: string, traceId: string | null = null): Failure => ({ state: 'refused', sentence, traceId })
