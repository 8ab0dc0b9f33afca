import { register } from 'node:module'
import { serviceName } from '@cruddur/shared/telemetry'
import { type ContextManager, context, DiagLogLevel, diag } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { getStringFromEnv } from '@opentelemetry/core'
import { isWrapped } from '@opentelemetry/instrumentation'
import { ExpressInstrumentation, ExpressLayerType } from '@opentelemetry/instrumentation-express'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg'
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { NodeSDK } from '@opentelemetry/sdk-node'
import type { SpanProcessor } from '@opentelemetry/sdk-trace'
import { readTelemetryEnv, secretsIn, WrongEnvironment } from '../env.ts'
import { quietly } from './diagnostics.ts'
import { completeEnvironment } from './environment.ts'
import type { Warn } from './logger.ts'
import { measureSignals, metricViews } from './metrics.ts'
import { openVendors, warnOf } from './open-vendors.ts'
import { type About, aboutThisProcess, backendResource } from './resource.ts'
import { type Odds, oddsFromEnvironment, samplerOf } from './sampler.ts'
import { keepSecret } from './scrub.ts'
import { copyUser, redactRequests, scrubErrors } from './span-processors.ts'
import { summaryOf } from './sql-names.ts'
import { TraceContextPropagator } from './trace-context.ts'
import { unfinishedSpans } from './unfinished-spans.ts'
import { isUntraced } from './untraced-requests.ts'
import { noTraces, useVendors, vendors } from './vendors.ts'

// Without this hook ESM imports are not instrumented. Every module that it includes loads more slowly.
register('@opentelemetry/instrumentation/hook.mjs', import.meta.url, {
  data: { include: ['express', 'pg', 'http', 'https'] },
})

const isDisabled = getStringFromEnv('OTEL_SDK_DISABLED')?.toLowerCase() === 'true'

const start = (): Warn => {
  Object.assign(process.env, completeEnvironment(process.env, serviceName.backend))
  const env = readTelemetryEnv(process.env)
  const about = aboutThisProcess(env)
  const warn = warnOf(env, about)
  if (getStringFromEnv('OTEL_LOG_LEVEL') === undefined) {
    diag.setLogger(quietly(warn), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
  }
  // Set before the SDK would set it, because the work that vendors start now must stay outside of all traces.
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  keepSecret(secretsIn(process.env))
  const odds = oddsFromEnvironment(env.TRACE_SAMPLING_KEY)
  const opened = openVendors(env, about, odds, warn)
  if (isDisabled) useVendors({ ...vendors(), traces: noTraces })
  else trace(opened, odds, about, redactRequests({ keepsClientAddress: env.RECORD_CLIENT_ADDRESS }))
  return warn
}

type Opened = ReturnType<typeof openVendors>

const trace = ({ logRecords, metricReaders }: Opened, odds: Odds, about: About, redact: SpanProcessor) => {
  const { traces, signals } = vendors()
  const sdk = new NodeSDK({
    resource: backendResource(about),
    sampler: samplerOf(odds),
    spanProcessors: [unfinishedSpans, copyUser, redact, scrubErrors, traces.server],
    // Even when empty, these lists keep the SDK from opening its own exporters.
    logRecordProcessors: [...logRecords],
    metricReaders: [...metricReaders],
    views: metricViews,
    // Set above. The SDK accepts null, its types do not.
    contextManager: null as unknown as ContextManager,
    // Without baggage: a client's baggage would travel with all our requests.
    textMapPropagator: new TraceContextPropagator(),
    instrumentations: [
      new HttpInstrumentation({ ignoreIncomingRequestHook: isUntraced }),
      // Only for the route's name: a span for each layer would bury the request.
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
      ...(metricReaders.length > 0 ? [new RuntimeNodeInstrumentation()] : []),
    ],
  })
  sdk.start()
  measureSignals(signals)
}

const warnWhenNotInstrumented = async (warn: Warn) => {
  const [{ default: express }, { default: pg }] = await Promise.all([import('express'), import('pg')])
  const unseen = [
    isWrapped(express.application.use) ? [] : 'express',
    isWrapped(pg.Client.prototype.query) ? [] : 'pg',
  ].flat()
  if (unseen.length > 0) warn(`telemetry: ${unseen.join(' and ')} not instrumented; traces will have gaps.`)
}

try {
  const warn = start()
  if (!isDisabled) await warnWhenNotInstrumented(warn)
} catch (error) {
  if (!(error instanceof WrongEnvironment)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}
