// https://docs.datadoghq.com/real_user_monitoring/correlate_with_other_telemetry/apm/
import { datadogRum } from '@datadog/browser-rum'

datadogRum.init({
  applicationId: '00000000-0000-0000-0000-000000000001',
  clientToken: 'a-token',
  site: 'datadoghq.com',
  proxy: `${import.meta.env.VITE_SINK}/datadog`,
  service: 'shop-web',
  env: 'production',
  version: '1.0.0',
  sessionSampleRate: 100,
  sessionReplaySampleRate: 0,
  trackResources: true,
  trackLongTasks: true,
  trackUserInteractions: true,
  allowedTracingUrls: [location.origin],
  traceSampleRate: 100,
})
