/** The originals, before the context is carried: the tracer's own work must not run in the context of an action. */
export const plainTimeout = globalThis.setTimeout?.bind(globalThis)
export const plainListen = globalThis.addEventListener?.bind(globalThis)
