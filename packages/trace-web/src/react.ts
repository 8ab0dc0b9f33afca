export { ErrorBoundary as RollbarErrorBoundary, Provider as RollbarProvider } from '@rollbar/react'
export { rollbar } from './rollbar-instance.ts'
