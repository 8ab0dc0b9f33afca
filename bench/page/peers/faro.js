// https://grafana.com/docs/grafana-cloud/monitor-applications/frontend-observability/quickstart/javascript/
import { getWebInstrumentations, initializeFaro } from '@grafana/faro-web-sdk'
import { TracingInstrumentation } from '@grafana/faro-web-tracing'

initializeFaro({
  url: `${import.meta.env.VITE_SINK}/collect`,
  app: { name: 'shop-web', version: '1.0.0', environment: 'production' },
  instrumentations: [...getWebInstrumentations(), new TracingInstrumentation()],
})
