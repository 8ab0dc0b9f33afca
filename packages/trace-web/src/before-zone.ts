// Without this flag zone.js hides unhandled rejections from `unhandledrejection` listeners.
Object.assign(globalThis, { __zone_symbol__DISABLE_WRAPPING_UNCAUGHT_PROMISE_REJECTION: false })

// The originals, before zone.js patches them: the tracer's own work must not run in the context of an action.
export const unzonedTimeout = globalThis.setTimeout?.bind(globalThis)
export const unzonedListen = globalThis.addEventListener?.bind(globalThis)
