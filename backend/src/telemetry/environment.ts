const honeycomb = 'https://api.honeycomb.io'

/**
 * The standard names as the SDK is going to find them: what is set stays, what is missing is completed.
 * HONEYCOMB_API_KEY alone is enough to send everything to Honeycomb.
 */
export const completeEnvironment = (env: NodeJS.ProcessEnv, defaultServiceName: string): NodeJS.ProcessEnv => {
  const set = (name: string) => (env[name]?.trim() ? env[name] : undefined)
  const endpoint = set('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ?? set('OTEL_EXPORTER_OTLP_ENDPOINT')
  const headers = set('OTEL_EXPORTER_OTLP_TRACES_HEADERS') ?? set('OTEL_EXPORTER_OTLP_HEADERS')
  const key = set('HONEYCOMB_API_KEY')?.trim()
  const completed = { ...env }

  completed.OTEL_SERVICE_NAME =
    set('OTEL_SERVICE_NAME') ?? nameIn(set('OTEL_RESOURCE_ATTRIBUTES')) ?? defaultServiceName
  completed.OTEL_METRICS_EXPORTER = set('OTEL_METRICS_EXPORTER') ?? 'none'
  completed.OTEL_LOGS_EXPORTER = set('OTEL_LOGS_EXPORTER') ?? 'none'
  if (key && !endpoint) completed.OTEL_EXPORTER_OTLP_ENDPOINT = honeycomb
  // The key goes to Honeycomb and to nobody else.
  if (key && !headers && isHoneycomb(endpoint ?? honeycomb)) {
    completed.OTEL_EXPORTER_OTLP_HEADERS = `x-honeycomb-team=${encodeURIComponent(key)}`
  }
  return completed
}

const isHoneycomb = (endpoint: string): boolean => /(^|\.)honeycomb\.io$/.test(URL.parse(endpoint)?.hostname ?? '')

/** undefined, too, for what cannot be read: the SDK discards all of it. */
const nameIn = (attributes = ''): string | undefined => {
  const [, name = ''] = /(?:^|,)\s*service\.name\s*=\s*([^,]+)/.exec(attributes) ?? []
  try {
    return decodeURIComponent(name.trim()) || undefined
  } catch {
    return undefined
  }
}
