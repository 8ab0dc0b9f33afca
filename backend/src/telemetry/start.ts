import { register } from 'node:module'
import { serviceName } from '@cruddur/shared/telemetry'
import { DiagLogLevel, diag } from '@opentelemetry/api'
import { getStringFromEnv, W3CTraceContextPropagator } from '@opentelemetry/core'
import { isWrapped } from '@opentelemetry/instrumentation'
import { ExpressInstrumentation, ExpressLayerType } from '@opentelemetry/instrumentation-express'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { openBrowserPipeline } from './browser-pipeline.ts'
import { quietly } from './diagnostics.ts'
import { completeEnvironment } from './environment.ts'
import { spanProcessorsFromEnvironment, WrongTelemetry } from './exporters.ts'
import { KeepFaults } from './keep-faults.ts'
import { onShutdown } from './lifecycle.ts'
import { DropQueryStrings } from './redaction.ts'
import { isSampled, samplerFromEnvironment } from './sampler.ts'
import { summaryOf } from './sql-names.ts'
import { isUntraced } from './untraced-requests.ts'

// Without it ESM imports are not seen: spans without a route, and nobody knows why.
register('@opentelemetry/instrumentation/hook.mjs', import.meta.url)

const say = (line: string) => void process.stderr.write(`${line}\n`)

const start = () => {
  Object.assign(process.env, completeEnvironment(process.env, serviceName.backend))
  const sampler = samplerFromEnvironment()
  const sdk = new NodeSDK({
    sampler,
    spanProcessors: [new DropQueryStrings(), new KeepFaults(spanProcessorsFromEnvironment())],
    // No baggage: what a stranger puts into it would travel with every request of ours.
    textMapPropagator: new W3CTraceContextPropagator(),
    instrumentations: [
      new HttpInstrumentation({ ignoreIncomingRequestHook: isUntraced }),
      // For the route's name only: a span for every layer would bury the request.
      new ExpressInstrumentation({
        ignoreLayersType: [ExpressLayerType.MIDDLEWARE, ExpressLayerType.ROUTER, ExpressLayerType.REQUEST_HANDLER],
      }),
      new PgInstrumentation({
        requireParentSpan: true,
        requestHook: (span, { query }) => {
          span.updateName(summaryOf(query.text)).setAttribute('db.query.summary', summaryOf(query.text))
        },
      }),
      new UndiciInstrumentation(),
    ],
  })
  if (getStringFromEnv('OTEL_LOG_LEVEL') === undefined) {
    diag.setLogger(quietly(say), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
  }
  sdk.start()
  const browser = openBrowserPipeline(spanProcessorsFromEnvironment(), (traceId) => isSampled(sampler, traceId))
  onShutdown(async () => {
    await Promise.allSettled([sdk.shutdown(), browser.shutdown()])
  })
}

const complainWhenBlind = async () => {
  const [{ default: express }, { default: pg }] = await Promise.all([import('express'), import('pg')])
  const unseen = [
    isWrapped(express.application.use) ? [] : 'express',
    isWrapped(pg.Client.prototype.query) ? [] : 'pg',
  ].flat()
  if (unseen.length > 0) say(`telemetry: ${unseen.join(' and ')} not instrumented; traces will have holes.`)
}

if (getStringFromEnv('OTEL_SDK_DISABLED')?.toLowerCase() !== 'true') {
  try {
    start()
  } catch (error) {
    if (!(error instanceof WrongTelemetry)) throw error
    say(error.message)
    process.exit(1)
  }
  await complainWhenBlind()
}
