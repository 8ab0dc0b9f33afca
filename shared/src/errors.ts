import * as z from 'zod/mini'

/** Every way in which the API says no, with the HTTP status that says it. */
export const statusByCode = {
  invalid_input: 400,
  unauthenticated: 401,
  wrong_credentials: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  handle_taken: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  message_blank: 422,
  message_exceed_max_chars: 422,
  ttl_blank: 422,
  activity_uuid_blank: 422,
  search_term_blank: 422,
  display_name_blank: 422,
  user_handle_blank: 422,
  blank_user_handle: 422,
  user_reciever_handle_blank: 422,
  message_group_uuid_blank: 422,
  too_many_requests: 429,
  internal: 500,
  unavailable: 503,
} as const

export type ErrorCode = keyof typeof statusByCode

/** Any other status below 500 means that the page asked wrongly. */
const unexpected: readonly number[] = [
  statusByCode.forbidden,
  statusByCode.payload_too_large,
  statusByCode.unsupported_media_type,
]

/** Answers to what a person did, for which the page has words. */
export const isExpected = (status: number): boolean =>
  status < 500 && !unexpected.includes(status) && Object.values<number>(statusByCode).includes(status)

/** A field that is not as it should be, in the words of the API's first version; the sentence is for its user. */
export const sentenceByCode = {
  message_blank: 'Write something first.',
  message_exceed_max_chars: 'This is longer than it may be.',
  ttl_blank: 'Choose how long it lives.',
  activity_uuid_blank: 'Say which crud is meant.',
  search_term_blank: 'Say what to look for.',
  display_name_blank: 'A name is needed.',
  user_handle_blank: 'A handle is needed.',
  blank_user_handle: 'Say whose page is meant.',
  user_reciever_handle_blank: 'Say whom the message is for.',
  message_group_uuid_blank: 'Say which conversation is meant.',
} as const satisfies Partial<Record<ErrorCode, string>>

export type FieldCode = keyof typeof sentenceByCode

export const isFieldCode = (text: string): text is FieldCode => Object.hasOwn(sentenceByCode, text)

const errorCodes = Object.keys(statusByCode) as [ErrorCode, ...ErrorCode[]]

/** `traceId` is the reference that the page shows and that finds the request at every vendor. */
export const ErrorBody = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  traceId: z.nullable(z.string()),
  /** A sentence for each field that has to be put right. */
  fields: z.optional(z.record(z.string(), z.string())),
})
export type ErrorBody = z.infer<typeof ErrorBody>
