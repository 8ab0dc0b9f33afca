import { parseUrl } from './node-20.ts'

const honeycomb = 'https://api.honeycomb.io'

/**
 * Completes the OTEL_* variables before the SDK reads them, and changes no variable that is set. HONEYCOMB_API_KEY
 * alone is enough to send everything to Honeycomb.
 */
export const completeEnvironment = (env: NodeJS.ProcessEnv, defaultServiceName: string): NodeJS.ProcessEnv => {
  const set = (name: string) => (env[name]?.trim() ? env[name] : undefined)
  const key = set('HONEYCOMB_API_KEY')?.trim()
  const completed = { ...env }

  completed.OTEL_SERVICE_NAME =
    set('OTEL_SERVICE_NAME') ?? nameIn(set('OTEL_RESOURCE_ATTRIBUTES')) ?? defaultServiceName
  if (!key) return completed

  const everywhere = set('OTEL_EXPORTER_OTLP_ENDPOINT') ?? honeycomb
  completed.OTEL_EXPORTER_OTLP_ENDPOINT = everywhere
  for (const stream of ['TRACES', 'LOGS', 'METRICS']) {
    const endpoint = set(`OTEL_EXPORTER_OTLP_${stream}_ENDPOINT`) ?? everywhere
    const headers = `OTEL_EXPORTER_OTLP_${stream}_HEADERS`
    // The key goes to Honeycomb only.
    if (!isHoneycomb(endpoint) || set(headers) || set('OTEL_EXPORTER_OTLP_HEADERS')) continue
    completed[headers] = `x-honeycomb-team=${encodeURIComponent(key)}`
    // Without a name Honeycomb files metrics under `unknown_metrics`.
    if (stream === 'METRICS') completed[headers] += `,x-honeycomb-dataset=${completed.OTEL_SERVICE_NAME}-metrics`
  }
  return completed
}

const isHoneycomb = (endpoint: string): boolean => /(^|\.)honeycomb\.io$/.test(parseUrl(endpoint)?.hostname ?? '')

/** Also undefined when the list is malformed, because the SDK discards such a list. */
const nameIn = (attributes = ''): string | undefined => {
  const [, name = ''] = /(?:^|,)\s*service\.name\s*=\s*([^,]+)/.exec(attributes) ?? []
  try {
    return decodeURIComponent(name.trim()) || undefined
  } catch {
    return undefined
  }
}
