import { isApiError } from './api-error.ts'

/** What to say when something to read did not come. `subject` begins a sentence: "The list". */
export const troubleWords = (subject: string, error: Error): { title: string; sentence: string } => {
  if (isApiError(error, 'offline'))
    return { title: 'You are offline', sentence: `${subject} comes back by itself when your connection does.` }
  if (isApiError(error, 'unavailable'))
    return {
      title: 'Cruddur cannot answer just now',
      sentence: 'It is busy, or cannot reach its storage. This page keeps asking.',
    }
  if (isApiError(error, 'unreachable'))
    return { title: 'Cruddur does not answer', sentence: 'The server could not be reached. This page keeps asking.' }
  if (isApiError(error, 'too_many_requests'))
    return { title: 'Too many questions', sentence: 'Give it a moment, then try again.' }
  return { title: `${subject} did not come`, sentence: 'Something went wrong on our side, and it has been noted.' }
}

/** Why something that was to be done was not; it ends a sentence: "Not followed: …". */
export const refusalWords = (error: unknown): string => {
  if (isApiError(error, 'offline')) return 'you are offline.'
  if (isApiError(error, 'unavailable', 'unreachable'))
    return 'Cruddur cannot be reached just now. Try again in a moment.'
  if (isApiError(error, 'too_many_requests')) return 'that was a lot at once. Try again in a moment.'
  if (isApiError(error, 'unauthenticated')) return 'you are signed out.'
  if (isApiError(error, 'not_found')) return 'it is no longer there.'
  return 'something went wrong on our side.'
}
