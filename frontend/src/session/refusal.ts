import { ApiError } from '../api/api-error.ts'

export type Refusal = {
  /** A sentence for each field that has to be put right. */
  fields: Readonly<Record<string, string>>
  /** What has nothing to do with a field. */
  sentence: string | null
  /** Of a fault of ours. */
  traceId: string | null
}

const none: Refusal = { fields: {}, sentence: null, traceId: null }

const fieldOfCode: Record<string, { field: string; sentence: string }> = {
  handle_taken: { field: 'handle', sentence: 'This handle is taken. Try another one.' },
  wrong_credentials: { field: 'password', sentence: 'Handle and password do not belong together.' },
  user_handle_blank: { field: 'handle', sentence: 'A handle is needed.' },
  display_name_blank: { field: 'display_name', sentence: 'A name is needed.' },
}

/** "must have at least 10 characters" begins with whose it is. */
const asSentence = (label: string, words: string): string => {
  const sentence = /^\p{Ll}/u.test(words) ? `${label} ${words}` : words
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}

export const refusalOf = (error: Error | null, labels: Readonly<Record<string, string>>): Refusal => {
  if (!error) return none
  if (!(error instanceof ApiError)) return { ...none, sentence: 'Something went wrong.' }
  const fields = Object.fromEntries(
    Object.entries(error.fields).flatMap(([field, words]) => {
      const label = labels[field]
      return label ? [[field, asSentence(label, words)]] : []
    }),
  )
  const named = fieldOfCode[error.code]
  if (named && labels[named.field] && !fields[named.field]) fields[named.field] = named.sentence
  if (Object.keys(fields).length > 0) return { ...none, fields }
  return { ...none, sentence: sentenceOf(error), traceId: error.isAnswer ? null : error.traceId }
}

const sentenceOf = ({ code, message, retryAfterSeconds }: ApiError): string => {
  if (code === 'too_many_requests') return `Too many tries. ${again(retryAfterSeconds)}`
  if (code === 'offline') return 'You are offline. What you wrote stays here.'
  if (code === 'unavailable' || code === 'unreachable') {
    return 'Cruddur cannot be reached just now. What you wrote stays here; try again in a moment.'
  }
  return message
}

const again = (seconds: number | null): string =>
  seconds ? `Try again in ${seconds} second${seconds === 1 ? '' : 's'}.` : 'Try again in a moment.'
