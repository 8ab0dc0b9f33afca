import { LiveContextManager } from '@cruddur/trace-web/context'
import { InteractionInstrumentation, InteractionProcessor } from '@cruddur/trace-web/interactions'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch'
import { BatchSpanProcessor, WebTracerProvider } from '@opentelemetry/sdk-trace-web'

// The SDK that this page already had. Three parts are new: the context manager, the processor and the interactions.
const exporter = new OTLPTraceExporter({ url: '/relay/v1/traces' })
new WebTracerProvider({
  spanProcessors: [new InteractionProcessor(), new BatchSpanProcessor(exporter)],
}).register({ contextManager: new LiveContextManager() })

registerInstrumentations({
  instrumentations: [new InteractionInstrumentation(), new FetchInstrumentation({ ignoreUrls: [/\/relay\//] })],
})
