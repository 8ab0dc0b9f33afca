import * as z from 'zod/mini'

/** Every way in which the API says no, with the HTTP status that says it. */
export const statusByCode = {
  invalid_input: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  too_many_requests: 429,
  internal: 500,
  unavailable: 503,
} as const

export type ErrorCode = keyof typeof statusByCode

const errorCodes = Object.keys(statusByCode) as [ErrorCode, ...ErrorCode[]]

/** `traceId` is the reference that the page shows and that finds the request at every vendor. */
export const ErrorBody = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  traceId: z.nullable(z.string()),
  fields: z.optional(z.record(z.string(), z.string())),
})
export type ErrorBody = z.infer<typeof ErrorBody>
