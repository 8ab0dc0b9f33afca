import type { AttributeKey, LogField, SpanName } from '@cruddur/shared/telemetry'
import { tracing } from '@cruddur/trace-node'
import { isFault } from '../errors.ts'

export const { traced, annotate, log } = tracing<SpanName, AttributeKey, LogField>({ isFault })

export {
  annotateUser,
  currentTraceId,
  currentTraceparent,
  type HoneycombPlace,
  honeycombPlace,
  inTraceOf,
  inTraceOfRequest,
  shortened,
  shutdownTracing,
  signals,
  traceHeaders,
  version,
} from '@cruddur/trace-node'
export { refuseTrace } from '@cruddur/trace-node/express'
export { isUntraced } from './untraced-requests.ts'
