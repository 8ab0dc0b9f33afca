import * as z from 'zod/mini'
import { endpoint } from './endpoint.ts'

/** Replaces an address or an error, which only operators may see. */
export const hidden = 'hidden'

/** The account of one signal: created = delivered + queued + the sum of dropped, at any time. */
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
  /** null when this signal is off. */
  destination: z.nullable(z.string()),
  /** Why it has this destination, or why it is off. */
  because: z.string(),
  /** null when no attempt has failed for a while. */
  lastError: z.nullable(z.string()),
  lastStatus: z.nullable(z.int()),
})
export type SignalState = z.infer<typeof SignalState>

/** Any answer means that the backend is alive. `ready` says whether it can serve requests. */
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
  summary: 'Whether the backend is alive and ready',
  /** With `?ready` the answer is 503 unless the backend is ready. */
  input: () => z.strictObject({ ready: z.optional(z.string()) }),
  output: Health,
})

/** This endpoint always fails. Rollbar's own guide uses this path, so it is outside of `/api`. */
export const rollbarTest = endpoint({
  method: 'GET',
  path: '/rollbar/test',
  summary: 'Fails on purpose, to show a fault at Rollbar',
  input: () => z.strictObject({}),
  output: z.never(),
})

/** The page fills `{traceId} {spanId} {startSeconds} {endSeconds}`. Null when there is no place to link to. */
export const TraceLink = z.object({ template: z.nullable(z.string()) })
export type TraceLink = z.infer<typeof TraceLink>

export const traceLink = endpoint({
  method: 'GET',
  path: '/api/trace-link',
  summary: 'Where to open the trace of a click',
  input: () => z.strictObject({}),
  output: TraceLink,
})
