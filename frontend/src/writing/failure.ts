import { ApiError } from '../api/api-error.ts'
import type { Verdict } from './outbox.ts'

/** What becomes of something that was not sent. */
export const verdictOn = (error: unknown): Verdict => {
  if (!(error instanceof ApiError)) return waits('Cruddur took too long to answer.', null)
  switch (error.code) {
    case 'offline':
      return waits('You are offline.', error)
    case 'unreachable':
    case 'unavailable':
    case 'unreadable':
      return waits('Cruddur cannot be reached just now.', error)
    case 'too_many_requests':
      return waits('That was a lot at once.', error)
    case 'unauthenticated':
      return { ...waits('Say again who you are.', error), isSignedOut: true }
    case 'not_found':
      return refused('The crud that you reply to is no longer there.')
    case 'conflict':
      return { ...refused('It was sent already, as it was before. Send it again to say this, too.'), isKeySpent: true }
    case 'internal':
      return {
        ...refused('Something went wrong on our side, and it has been noted. Try again.'),
        traceId: error.traceId,
      }
    default:
      return refused(error.fields.message ?? error.fields.ttl ?? error.message)
  }
}

const waits = (sentence: string, error: ApiError | null): Verdict => ({
  state: 'waiting',
  sentence,
  traceId: error?.traceId ?? null,
  retryAfterMs: error?.retryAfterSeconds ? 1_000 * error.retryAfterSeconds : null,
})

const refused = (sentence: string): Verdict => ({ state: 'refused', sentence, traceId: null })
