export { FetchNames, traceFetch } from '../fetch-spans.ts'
export { VisitPropagator } from '../visit-propagator.ts'
