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
      return waits('Cruddur cannot be reached.', error)
    case 'too_many_requests':
      return waits(error.message, error)
    case 'unauthenticated':
      return { ...waits('Sign in again to send it.', error), isSignedOut: true }
    case 'not_found':
      return refused('The crud you reply to is gone.')
    case 'conflict':
      return { ...refused('An earlier version was already sent. Send again to post this one, too.'), isKeySpent: true }
    case 'internal':
      return {
        ...refused('Something went wrong on our side. Try again.'),
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
