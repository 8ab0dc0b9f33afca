import { serviceName } from '@cruddur/shared/service-name'
import { attr, logAttr } from '@cruddur/shared/telemetry'
import { startTracing } from '@cruddur/trace-node'
import { serviceVersion } from '../service-version.ts'
import { isUntraced } from './untraced-requests.ts'

startTracing({
  service: serviceName.backend,
  version: serviceVersion(),
  untraced: isUntraced,
  logGroup: 'cruddur',
  logAttributes: logAttr,
  segmentMetadata: { now: attr.now, 'results-size': attr.resultLength },
})
