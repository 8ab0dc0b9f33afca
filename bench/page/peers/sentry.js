// https://docs.sentry.io/platforms/javascript/guides/react/ and its page on tracing
import * as Sentry from '@sentry/react'

Sentry.init({
  dsn: import.meta.env.VITE_SINK.replace('://', '://publickey@').concat('/1'),
  integrations: [Sentry.browserTracingIntegration()],
  tracesSampleRate: 1.0,
  tracePropagationTargets: ['localhost'],
})

export const rootOptions = {
  onUncaughtError: Sentry.reactErrorHandler(),
  onCaughtError: Sentry.reactErrorHandler(),
  onRecoverableError: Sentry.reactErrorHandler(),
}
