/** Makes a value on first use, and only once. */
export const once = <Made>(make: () => Made): (() => Made) => {
  let made: { it: Made } | undefined
  return () => {
    made ??= { it: make() }
    return made.it
  }
}
