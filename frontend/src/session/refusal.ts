import { ApiError } from '../api/api-error.ts'

export type Refusal = {
  /** A sentence for each wrong field. */
  fields: Readonly<Record<string, string>>
  /** A sentence for the form as a whole. */
  sentence: string | null
  /** The trace of a server fault. */
  traceId: string | null
}

const noRefusal: Refusal = { fields: {}, sentence: null, traceId: null }

const fieldOfCode: Record<string, { field: string; sentence: string }> = {
  handle_taken: { field: 'handle', sentence: 'This handle is taken. Try another one.' },
  wrong_credentials: { field: 'password', sentence: 'Handle and password do not match.' },
  user_handle_blank: { field: 'handle', sentence: 'A handle is needed.' },
  display_name_blank: { field: 'display_name', sentence: 'A name is needed.' },
}

/** Puts the label before "must have at least 10 characters". */
const asSentence = (label: string, words: string): string => {
  const sentence = /^\p{Ll}/u.test(words) ? `${label} ${words}` : words
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}

export const refusalOf = (error: Error | null, labels: Readonly<Record<string, string>>): Refusal => {
  if (!error) return noRefusal
  if (!(error instanceof ApiError)) return { ...noRefusal, sentence: 'Something went wrong.' }
  const fields = Object.fromEntries(
    Object.entries(error.fields).flatMap(([field, words]) => {
      const label = labels[field]
      return label ? [[field, asSentence(label, words)]] : []
    }),
  )
  const named = fieldOfCode[error.code]
  if (named && labels[named.field] && !fields[named.field]) fields[named.field] = named.sentence
  if (Object.keys(fields).length > 0) return { ...noRefusal, fields }
  return { ...noRefusal, sentence: sentenceOf(error), traceId: error.isAnswer ? null : error.traceId }
}

const sentenceOf = ({ code, message, retryAfterSeconds }: ApiError): string => {
  if (code === 'too_many_requests') return `Too many attempts. ${tryAgain(retryAfterSeconds)}`
  if (code === 'offline') return 'You are offline. Nothing you typed is lost.'
  if (code === 'unavailable' || code === 'unreachable') {
    return 'Cruddur cannot be reached. Nothing you typed is lost. Try again in a moment.'
  }
  return message
}

const tryAgain = (seconds: number | null): string =>
  seconds ? `Try again in ${seconds} second${seconds === 1 ? '' : 's'}.` : 'Try again in a moment.'
