import type { SignalState } from '@cruddur/wire/signal-account'
import * as z from 'zod/mini'
import { endpoint } from './endpoint.ts'

/** Replaces an address or an error, which only operators may see. */
export const hidden = 'hidden'

const signalState = z.object({
  created: z.int(),
  delivered: z.int(),
  queued: z.int(),
  dropped: z.record(z.string(), z.int()),
  name: z.string(),
  destination: z.nullable(z.string()),
  because: z.string(),
  lastError: z.nullable(z.string()),
  lastStatus: z.nullable(z.int()),
}) satisfies z.ZodMiniType<SignalState>

/** Any answer means that the backend is alive. `ready` says whether it can serve requests. */
export const Health = z.object({
  ready: z.boolean(),
  database: z.enum(['up', 'disk full', 'down']),
  version: z.string(),
  signals: z.array(signalState),
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
