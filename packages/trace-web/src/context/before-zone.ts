import './outside.ts'

// Without this flag zone.js hides unhandled rejections from `unhandledrejection` listeners.
Object.assign(globalThis, { __zone_symbol__DISABLE_WRAPPING_UNCAUGHT_PROMISE_REJECTION: false })
