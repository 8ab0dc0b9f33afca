type Settings = {
  TRACE_LINK_TEMPLATE?: string | undefined
  HONEYCOMB_API_KEY?: string | undefined
  HONEYCOMB_TEAM?: string | undefined
  HONEYCOMB_ENVIRONMENT?: string | undefined
}

/** Honeycomb finds an older trace only when it is told when it was: the start and the end are always given. */
export const traceLinkTemplateOf = (env: Settings): string | null => {
  if (env.TRACE_LINK_TEMPLATE) return env.TRACE_LINK_TEMPLATE
  if (!env.HONEYCOMB_API_KEY || !env.HONEYCOMB_TEAM) return null
  const [team, environment] = [env.HONEYCOMB_TEAM, env.HONEYCOMB_ENVIRONMENT ?? 'production'].map(encodeURIComponent)
  const query = 'trace_id={traceId}&span={spanId}&trace_start_ts={startSeconds}&trace_end_ts={endSeconds}'
  return `https://ui.honeycomb.io/${team}/environments/${environment}/trace?${query}`
}
