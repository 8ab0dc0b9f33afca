import { LiveContextManager } from '@cruddur/trace-web/context'
import { InteractionInstrumentation, InteractionProcessor } from '@cruddur/trace-web/interactions'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch'
import { BatchSpanProcessor, WebTracerProvider } from '@opentelemetry/sdk-trace-web'

// What this application had before, and two parts more: the context manager and the processor.
const exporter = new OTLPTraceExporter({ url: '/relay/v1/traces' })
new WebTracerProvider({
  spanProcessors: [new InteractionProcessor(), new BatchSpanProcessor(exporter)],
}).register({ contextManager: new LiveContextManager() })

registerInstrumentations({
  instrumentations: [new InteractionInstrumentation(), new FetchInstrumentation({ ignoreUrls: [/\/relay\//] })],
})
