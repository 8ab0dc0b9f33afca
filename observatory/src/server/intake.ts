import type { TraceStore } from './store.ts'

/** What each vendor's side of the observatory needs: where to put what came, and whom to tell. */
export type Intake = { store: TraceStore; changed: (traceIds: Iterable<string>) => void }
