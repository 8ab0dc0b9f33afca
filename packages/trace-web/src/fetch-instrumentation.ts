import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch'
import { type Addresses, fetchSettings, watchTimings } from './fetch-spans.ts'

/** OpenTelemetry's instrumentation, with spans that end with the answer and know the server's part of the time. */
export const traceFetch = (addresses: Addresses = {}): FetchInstrumentation => {
  watchTimings()
  return new FetchInstrumentation({ ignoreNetworkEvents: true, ...fetchSettings(addresses) })
}
