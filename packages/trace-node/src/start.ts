import { register } from 'node:module'
import { isMainThread } from 'node:worker_threads'
import { context, DiagConsoleLogger, DiagLogLevel, diag } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { CompositePropagator, diagLogLevelFromString, getStringFromEnv } from '@opentelemetry/core'
import { type Instrumentation, InstrumentationBase } from '@opentelemetry/instrumentation'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { createDiagLogger } from './diagnostics.ts'
import { completeEnvironment } from './environment.ts'
import { RouteInstrumentation } from './instrumentations/express.ts'
import { LeanHttpInstrumentation } from './instrumentations/http.ts'
import { LeanPgInstrumentation, pgOptions, StreamingPgInstrumentation } from './instrumentations/pg.ts'
import { type ApplicationOptions, openVendors, warnOf } from './open-vendors.ts'
import { isUntraced } from './requests/untraced-requests.ts'
import { aboutThisProcess, resourceOf } from './resource.ts'
import { keepSecret } from './scrub.ts'
import { startSdk } from './sdk.ts'
import { secretsIn, settingsFrom, WrongEnvironment } from './settings.ts'
import { oddsFromEnvironment, samplerOf } from './spans/sampler.ts'
import { copyUser, redactRequests, scrubErrors } from './spans/span-processors.ts'
import { TraceContextPropagator } from './spans/trace-context.ts'
import { unfinishedSpans } from './spans/unfinished-spans.ts'
import { copyVisit, VisitPropagator } from './spans/visit.ts'
import { measureSignals, metricViews } from './vendors/metrics.ts'
import { isFirstStart, noTraces, useVendors, vendors } from './vendors.ts'

export type StartOptions = ApplicationOptions & {
  /** Instrumentations of other libraries, such as a database driver. */
  readonly instrumentations?: readonly Instrumentation[]
}

/**
 * Starts everything that the environment asks for. Call it before the application is loaded, as with
 * `node --import ./telemetry.ts server.ts`. A variable with a wrong value ends the process with a line that names it.
 */
export const startTracing = (options: StartOptions): void => {
  // With `--require`, Node loads this module also in the thread of its import hooks.
  if (!isMainThread || !isFirstStart()) return
  try {
    start(options)
  } catch (error) {
    if (!(error instanceof WrongEnvironment)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}

const start = ({ instrumentations = [], ...application }: StartOptions): void => {
  Object.assign(process.env, completeEnvironment(process.env, application.service))
  const settings = settingsFrom(process.env)
  const about = aboutThisProcess({
    version: settings.version ?? application.version ?? process.env.npm_package_version ?? 'unknown',
    environment: settings.environment,
  })
  const setting = { application, settings, about }
  const warn = warnOf(setting)
  const logLevel = diagLogLevelFromString(getStringFromEnv('OTEL_LOG_LEVEL'))
  diag.setLogger(logLevel === undefined ? createDiagLogger(warn) : new DiagConsoleLogger(), {
    logLevel: logLevel ?? DiagLogLevel.WARN,
    suppressOverrideMessage: true,
  })
  // Before vendors start any work, because that work must stay outside of all traces.
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  keepSecret(secretsIn(process.env))
  const odds = oddsFromEnvironment(settings.samplingKey)
  const { logRecords, metricReaders } = openVendors(setting, odds, warn)
  const { traces, signals } = vendors()
  if (getStringFromEnv('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') {
    useVendors({ ...vendors(), traces: noTraces })
    return
  }
  const isMeasured = metricReaders.length > 0
  const { recordClientAddress: keepsClientAddress } = settings
  const runtime = isMeasured ? [new RuntimeNodeInstrumentation()] : []
  hookImports(['express', 'pg', 'http', 'https', ...instrumentations.flatMap(modulesOf)])
  startSdk({
    resource: resourceOf(about),
    sampler: samplerOf(odds),
    spanProcessors: [
      unfinishedSpans,
      copyUser,
      copyVisit,
      redactRequests({ keepsClientAddress }),
      scrubErrors,
      traces.server,
    ],
    logRecordProcessors: [...logRecords],
    metricReaders: [...metricReaders],
    views: metricViews,
    // Without baggage: a client's baggage would travel with all our requests.
    propagator: new CompositePropagator({ propagators: [new TraceContextPropagator(), new VisitPropagator()] }),
    instrumentations: [...ownInstrumentations({ isMeasured, keepsClientAddress }), ...runtime, ...instrumentations],
  })
  measureSignals(signals)
  useVendors({ ...vendors(), warnOfGap: once(warn) })
}

type Wanted = { readonly isMeasured: boolean; readonly keepsClientAddress: boolean }

/** Only the stock instrumentations measure, and record client addresses. If neither is wanted, ours do less work. */
const ownInstrumentations = ({ isMeasured, keepsClientAddress }: Wanted): Instrumentation[] => [
  new (isMeasured || keepsClientAddress ? HttpInstrumentation : LeanHttpInstrumentation)({
    ignoreIncomingRequestHook: isUntraced,
  }),
  new RouteInstrumentation(),
  new (isMeasured ? StreamingPgInstrumentation : LeanPgInstrumentation)(pgOptions),
  new UndiciInstrumentation(),
]

const modulesOf = (instrumentation: Instrumentation): string[] =>
  instrumentation instanceof InstrumentationBase ? instrumentation.getModuleDefinitions().map(({ name }) => name) : []

/** Without this hook ESM imports are not instrumented. Every module that it includes loads more slowly. */
const hookImports = (include: string[]) =>
  register('@opentelemetry/instrumentation/hook.mjs', import.meta.url, { data: { include } })

const once = (warn: (line: string) => void) => {
  const said = new Set<string>()
  return (line: string) => {
    if (!said.has(line)) warn(line)
    said.add(line)
  }
}
