// https://docs.honeycomb.io/send-data/javascript-browser/honeycomb-distribution/ and https://docs.rollbar.com/docs/browser-js
import { HoneycombWebSDK } from '@honeycombio/opentelemetry-web'
import { getWebAutoInstrumentations } from '@opentelemetry/auto-instrumentations-web'
import Rollbar from 'rollbar'

const configDefaults = { ignoreNetworkEvents: true }
new HoneycombWebSDK({
  endpoint: import.meta.env.VITE_SINK,
  apiKey: 'a'.repeat(22),
  serviceName: 'shop-web',
  instrumentations: [
    getWebAutoInstrumentations({
      '@opentelemetry/instrumentation-xml-http-request': configDefaults,
      '@opentelemetry/instrumentation-fetch': configDefaults,
      '@opentelemetry/instrumentation-document-load': configDefaults,
    }),
  ],
}).start()

const endpoint = `${import.meta.env.VITE_SINK}/api/1/item/`
new Rollbar({ accessToken: 'a-token', endpoint, captureUncaught: true, captureUnhandledRejections: true })
