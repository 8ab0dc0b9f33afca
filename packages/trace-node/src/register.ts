import { startTracing } from './start.ts'

startTracing({ service: process.env.npm_package_name ?? 'unknown_service' })
