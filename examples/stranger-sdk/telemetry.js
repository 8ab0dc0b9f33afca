// The SDK that this application already had. Two parts are new: the propagator, which ignores baggage, and isUntraced.
import { register } from 'node:module'
import { isUntraced, TraceContextPropagator } from '@cruddur/trace-node/parts'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace'

register('@opentelemetry/instrumentation/hook.mjs', import.meta.url)

export const spans = new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })
new NodeSDK({
  serviceName: 'shop-api',
  spanProcessors: [spans],
  textMapPropagator: new TraceContextPropagator(),
  instrumentations: [
    new HttpInstrumentation({ ignoreIncomingRequestHook: isUntraced }),
    new ExpressInstrumentation(),
    new PgInstrumentation(),
  ],
}).start()
