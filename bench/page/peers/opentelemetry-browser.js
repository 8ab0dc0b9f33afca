// https://github.com/open-telemetry/opentelemetry-browser: the READMEs of browser-sdk and of browser-instrumentation
import { ErrorsInstrumentation } from '@opentelemetry/browser-instrumentation/experimental/errors'
import { NavigationInstrumentation } from '@opentelemetry/browser-instrumentation/experimental/navigation'
import { NavigationTimingInstrumentation } from '@opentelemetry/browser-instrumentation/experimental/navigation-timing'
import { UserActionInstrumentation } from '@opentelemetry/browser-instrumentation/experimental/user-action'
import { WebVitalsInstrumentation } from '@opentelemetry/browser-instrumentation/experimental/web-vitals'
import { quickStartBrowserSdk } from '@opentelemetry/browser-sdk'
import { FetchInstrumentation } from 'instrumentation-fetch-of-browser-sdk'
import { registerInstrumentations } from 'instrumentation-of-browser-sdk'

quickStartBrowserSdk({ serviceName: 'shop-web', exportUrl: import.meta.env.VITE_SINK })

registerInstrumentations({
  instrumentations: [
    new ErrorsInstrumentation(),
    new NavigationInstrumentation(),
    new NavigationTimingInstrumentation(),
    new UserActionInstrumentation(),
    new WebVitalsInstrumentation(),
    new FetchInstrumentation(),
  ],
})
