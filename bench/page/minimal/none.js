/** A wiring may wrap the page, and give options to its root. */
export const Frame = undefined
export const rootOptions = undefined
