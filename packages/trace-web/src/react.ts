export { type DataTrace, ErrorBoundary, useRoute } from './react-components.ts'
export { startPage } from './react-start.ts'
