import { register } from 'node:module'
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
import { quietly } from './diagnostics.ts'
import { completeEnvironment } from './environment.ts'
import type { Warn } from './logger.ts'
import { type ApplicationOptions, openVendors, warnOf } from './open-vendors.ts'
import { isUntraced } from './requests/untraced-requests.ts'
import { type About, aboutThisProcess, resourceOf } from './resource.ts'
import { keepSecret } from './scrub.ts'
import { secretsIn, settingsFrom } from './settings.ts'
import { type Odds, oddsFromEnvironment, samplerOf } from './spans/sampler.ts'
import { copyUser, redactRequests, scrubErrors } from './spans/span-processors.ts'
import { summaryOf } from './spans/sql-names.ts'
import { TraceContextPropagator } from './spans/trace-context.ts'
import { unfinishedSpans } from './spans/unfinished-spans.ts'
import { measureSignals, metricViews } from './vendors/metrics.ts'
import { noTraces, useVendors, vendors } from './vendors.ts'

export type StartOptions = ApplicationOptions

/**
 * Starts everything that the environment asks for. Call it before the application is loaded, as with
 * `node --import ./telemetry.ts server.ts`. Throws WrongEnvironment when a variable has a wrong value.
 */
export const startTracing = (application: StartOptions): void => {
  // Without this hook ESM imports are not instrumented. Every module that it includes loads more slowly.
  register('@opentelemetry/instrumentation/hook.mjs', import.meta.url, {
    data: { include: ['express', 'pg', 'http', 'https'] },
  })
  Object.assign(process.env, completeEnvironment(process.env, application.service))
  const settings = settingsFrom(process.env)
  const about = aboutThisProcess({
    version: settings.version ?? application.version ?? process.env.npm_package_version ?? 'unknown',
    environment: settings.environment,
  })
  const setting = { application, settings, about }
  const warn = warnOf(setting)
  if (getStringFromEnv('OTEL_LOG_LEVEL') === undefined) {
    diag.setLogger(quietly(warn), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
  }
  // Set before the SDK would set it, because the work that vendors start now must stay outside of all traces.
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  keepSecret(secretsIn(process.env))
  const odds = oddsFromEnvironment(settings.samplingKey)
  const opened = openVendors(setting, odds, warn)
  if (getStringFromEnv('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') {
    useVendors({ ...vendors(), traces: noTraces })
    return
  }
  trace(opened, odds, about, redactRequests({ keepsClientAddress: settings.recordClientAddress }))
  void warnWhenNotInstrumented(warn)
}

type Opened = ReturnType<typeof openVendors>

const trace = ({ logRecords, metricReaders }: Opened, odds: Odds, about: About, redact: SpanProcessor) => {
  const { traces, signals } = vendors()
  const sdk = new NodeSDK({
    resource: resourceOf(about),
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

/** Imports what the application has installed, as the application will. */
const warnWhenNotInstrumented = async (warn: Warn) => {
  const functionsOf = {
    express: async () => (await import('express')).default.application.use,
    pg: async () => (await import('pg')).default.Client.prototype.query,
  }
  const unseen: string[] = []
  for (const [name, functionOf] of Object.entries(functionsOf)) {
    const found = await functionOf().catch(() => undefined)
    if (found && !isWrapped(found)) unseen.push(name)
  }
  if (unseen.length > 0) warn(`telemetry: ${unseen.join(' and ')} not instrumented; traces will have gaps.`)
}
