export { traceFetch } from '../fetch-instrumentation.ts'
export { FetchNames } from '../fetch-spans.ts'
export { VisitPropagator } from '../visit-propagator.ts'
