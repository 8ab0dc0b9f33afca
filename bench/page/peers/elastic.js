// https://www.elastic.co/docs/reference/apm/agents/rum-js/install-agent
import { init } from '@elastic/apm-rum'

init({ serviceName: 'shop-web', serverUrl: import.meta.env.VITE_SINK, serviceVersion: '1.0.0' })
