// Without this flag zone.js keeps unhandled rejections from every `unhandledrejection` listener.
Object.assign(globalThis, { __zone_symbol__DISABLE_WRAPPING_UNCAUGHT_PROMISE_REJECTION: false })

// Kept from before zone.js patches them: what the tracer does for itself must not run in anybody's context.
export const unzonedTimeout = globalThis.setTimeout?.bind(globalThis)
export const unzonedListen = globalThis.addEventListener?.bind(globalThis)
