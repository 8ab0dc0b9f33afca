/** An error in telemetry must not break the page's own call. */
export const ignoringErrors = <Result>(run: () => Result): Result | undefined => {
  try {
    return run()
  } catch {
    return undefined
  }
}
