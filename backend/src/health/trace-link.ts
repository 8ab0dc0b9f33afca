import type { HoneycombPlace } from '../telemetry/index.ts'

/** Honeycomb finds an older trace only with its start and end. */
export const traceLinkTemplateOf = (template: string | undefined, place: HoneycombPlace | null): string | null => {
  if (template) return template
  if (!place) return null
  const within = 'dataset' in place ? ['datasets', place.dataset] : ['environments', place.environment]
  const path = [place.team, ...within].map(encodeURIComponent).join('/')
  const query = 'trace_id={traceId}&span={spanId}&trace_start_ts={startSeconds}&trace_end_ts={endSeconds}'
  return `${place.ui}/${path}/trace?${query}`
}
