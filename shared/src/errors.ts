import * as z from 'zod/mini'

/** Every error code of the API, with its HTTP status. */
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

/** These statuses below 500 mean that the page has a bug. */
const unexpected: readonly number[] = [
  statusByCode.forbidden,
  statusByCode.payload_too_large,
  statusByCode.unsupported_media_type,
]

/** Whether the page expects this answer. */
export const isExpected = (status: number): boolean =>
  status < 500 && !unexpected.includes(status) && Object.values<number>(statusByCode).includes(status)

/** Codes of invalid fields, named as in the first version of the API, with a sentence for the user. */
export const sentenceByCode = {
  message_blank: 'Write something first.',
  message_exceed_max_chars: 'This is too long.',
  ttl_blank: 'Choose when it expires.',
  activity_uuid_blank: 'Choose a crud.',
  search_term_blank: 'Type something to search for.',
  display_name_blank: 'A name is needed.',
  user_handle_blank: 'A handle is needed.',
  blank_user_handle: 'Choose a person.',
  user_reciever_handle_blank: 'Choose who gets the message.',
  message_group_uuid_blank: 'Choose a conversation.',
} as const satisfies Partial<Record<ErrorCode, string>>

export type FieldCode = keyof typeof sentenceByCode

export const isFieldCode = (text: string): text is FieldCode => Object.hasOwn(sentenceByCode, text)

const errorCodes = Object.keys(statusByCode) as [ErrorCode, ...ErrorCode[]]

/** The page shows `traceId` as a reference, which finds the request at every vendor. */
export const ErrorBody = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  traceId: z.nullable(z.string()),
  /** A sentence for each invalid field. */
  fields: z.optional(z.record(z.string(), z.string())),
})
export type ErrorBody = z.infer<typeof ErrorBody>
