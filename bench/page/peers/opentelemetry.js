// https://opentelemetry.io/docs/languages/js/getting-started/browser/ and https://opentelemetry.io/docs/languages/js/exporters/
import { ZoneContextManager } from '@opentelemetry/context-zone'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { DocumentLoadInstrumentation } from '@opentelemetry/instrumentation-document-load'
import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch'
import { UserInteractionInstrumentation } from '@opentelemetry/instrumentation-user-interaction'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, WebTracerProvider } from '@opentelemetry/sdk-trace-web'

const exporter = new OTLPTraceExporter({ url: `${import.meta.env.VITE_SINK}/v1/traces` })
const resource = resourceFromAttributes({ 'service.name': 'shop-web' })
const provider = new WebTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(exporter)] })
provider.register({ contextManager: new ZoneContextManager() })

registerInstrumentations({
  instrumentations: [
    new DocumentLoadInstrumentation(),
    new FetchInstrumentation(),
    new UserInteractionInstrumentation(),
  ],
})
