import { ApiError, isApiError, traceIdOf } from './api-error.ts'

type FailedQuery = {
  data: unknown
  error: Error | null
  isFetching: boolean
  refetch: () => Promise<unknown>
}

/** The props of `Trouble` for a query that failed. `what` ends a sentence: "the feed". */
export const troubleOf = (what: string, { data, error, isFetching, refetch }: FailedQuery) => {
  const [title, sentence] = wordsOf(what, error)
  return {
    title,
    children: data === undefined ? sentence : `${sentence} What you see may be out of date.`,
    traceId: traceIdOf(error),
    retry: () => void refetch(),
    isTrying: isFetching,
  }
}

const wordsOf = (what: string, error: Error | null): [title: string, sentence: string] => {
  if (isApiError(error, 'offline')) return ['You are offline', `This page loads ${what} when you are back online.`]
  if (isApiError(error, 'unavailable'))
    return ['Cruddur is not available', 'It is busy or cannot reach its database. This page keeps trying.']
  if (isApiError(error, 'unreachable'))
    return ['Cruddur cannot be reached', 'The server did not answer. This page keeps trying.']
  if (isApiError(error, 'too_many_requests')) return ['Too many requests', 'Wait a moment, then try again.']
  return [`Could not load ${what}`, sentenceOf(error)]
}

const sentenceOf = (error: Error | null): string => {
  // The server logs its own faults only.
  if (isApiError(error, 'internal')) return 'Something went wrong on our side. We have logged it.'
  return error instanceof ApiError ? error.message : 'Something went wrong on this page.'
}

/** Why an action failed. It follows a colon: "Not saved: you are offline." */
export const refusalWords = (error: unknown): string => {
  if (isApiError(error, 'offline')) return 'you are offline.'
  if (isApiError(error, 'unavailable', 'unreachable')) return 'Cruddur cannot be reached. Try again in a moment.'
  if (isApiError(error, 'too_many_requests')) return `${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`
  if (isApiError(error, 'unauthenticated')) return 'you are signed out.'
  if (isApiError(error, 'not_found')) return 'it is gone.'
  return 'something went wrong on our side.'
}
