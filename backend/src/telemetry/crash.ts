export type CrashOptions = {
  readonly report: (error: unknown, origin: NodeJS.UncaughtExceptionOrigin) => void
  /** Of what is still going on; after the report, which is made in the span that failed. */
  readonly endSpans: () => void
  readonly flush: (deadlineMs: number) => Promise<unknown>
  readonly deadlineMs: number
  readonly exit?: (code: number) => void
}

/**
 * For `process.on('uncaughtException')`, which gets unhandled rejections as well. After it nothing of the process can be
 * trusted: it says what happened, for so long and not longer, and goes. Whoever started it starts the next.
 */
export const crashHandler = ({ report, endSpans, flush, deadlineMs, exit = process.exit }: CrashOptions) => {
  let crashing = false
  return (error: unknown, origin: NodeJS.UncaughtExceptionOrigin): void => {
    if (crashing) return
    crashing = true
    const leave = () => {
      clearTimeout(timer)
      exit(1)
    }
    const timer = setTimeout(leave, deadlineMs)
    try {
      report(error, origin)
      endSpans()
      flush(deadlineMs).then(leave, leave)
    } catch {
      leave()
    }
  }
}
