import { WrongEnvironment } from './settings.ts'
import { startTracing } from './start.ts'

try {
  startTracing({ service: process.env.npm_package_name ?? 'unknown_service' })
} catch (error) {
  if (!(error instanceof WrongEnvironment)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}
