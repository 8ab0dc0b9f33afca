import { startTracing } from './start.ts'

const { OTEL_SERVICE_NAME, npm_package_name } = process.env
startTracing({ service: OTEL_SERVICE_NAME || npm_package_name || 'unknown_service' })
