export { type Collector, startCollector } from './collector.ts'
export { type OneTraceOptions, oneTrace, type Page } from './one-trace.ts'
export { drawTrace, expectPath, problemsOf, type Span, type Step, type Trace } from './trace.ts'
