import * as z from 'zod/mini'
import { endpoint } from './endpoint.ts'

/** Replaces an address or an error, which only operators may see. */
export const hidden = 'hidden'

/** The account of one signal. Always: created = delivered + queued + the sum of dropped. */
export const SignalAccount = z.object({
  created: z.int(),
  delivered: z.int(),
  queued: z.int(),
  /** By reason. */
  dropped: z.record(z.string(), z.int()),
})
export type SignalAccount = z.infer<typeof SignalAccount>

export const SignalState = z.extend(SignalAccount, {
  name: z.string(),
  /** null: this signal is off. */
  destination: z.nullable(z.string()),
  /** Why it goes there, or why it is off. */
  because: z.string(),
  /** null: no attempt has failed for a while. */
  lastError: z.nullable(z.string()),
  lastStatus: z.nullable(z.int()),
})
export type SignalState = z.infer<typeof SignalState>

/** Liveness is the answer itself; readiness is `ready`, and 503 when it is false and was asked for. */
export const Health = z.object({
  ready: z.boolean(),
  database: z.enum(['up', 'disk full', 'down']),
  version: z.string(),
  signals: z.array(SignalState),
})
export type Health = z.infer<typeof Health>

export const healthCheck = endpoint({
  method: 'GET',
  path: '/api/health-check',
  summary: 'Whether the backend is alive, and whether it can serve',
  /** `?ready` asks for readiness: then not being ready is a 503. */
  input: () => z.strictObject({ ready: z.optional(z.string()) }),
  output: Health,
})

/** The one path outside of `/api`, for it is the one that the vendor's lesson names. It never succeeds. */
export const rollbarTest = endpoint({
  method: 'GET',
  path: '/rollbar/test',
  summary: 'Fails on purpose, so that a fault can be seen at Rollbar',
  input: () => z.strictObject({}),
  output: z.never(),
})

/** `{traceId} {spanId} {startSeconds} {endSeconds}` are filled by the page; null when there is nowhere to link to. */
export const TraceLink = z.object({ template: z.nullable(z.string()) })
export type TraceLink = z.infer<typeof TraceLink>

export const traceLink = endpoint({
  method: 'GET',
  path: '/api/trace-link',
  summary: 'Where the trace of a click can be opened',
  input: () => z.strictObject({}),
  output: TraceLink,
})
