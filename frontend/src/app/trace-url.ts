import type { Action } from '../telemetry/index.ts'

/** Some vendors search a time window: parts of the trace may lie this far outside the action. */
const marginSeconds = 60

export type TraceTime = Pick<Action, 'traceId' | 'spanId' | 'startMs' | 'durationMs'>

export const traceUrl = (
  template: string | null | undefined,
  { traceId, spanId, startMs, durationMs }: TraceTime,
): string | null => {
  if (!template || !/^https?:\/\//.test(template)) return null
  const values: Record<string, string> = {
    traceId,
    spanId,
    startSeconds: String(Math.floor(startMs / 1_000) - marginSeconds),
    endSeconds: String(Math.ceil((startMs + durationMs) / 1_000) + marginSeconds),
  }
  return template.replace(/\{(\w+)\}/g, (placeholder, name: string) => values[name] ?? placeholder)
}
