export type CrashOptions = {
  /** Whether the process ends. */
  readonly isFatal?: () => boolean
  readonly report: (error: unknown, origin: NodeJS.UncaughtExceptionOrigin) => void
  /** Ends the open spans. It runs after the report, because the report belongs to the span that failed. */
  readonly endSpans: () => void
  readonly flush: (deadlineMs: number) => Promise<unknown>
  readonly deadlineMs: number
  readonly exit?: (code: number) => void
}

/**
 * For `process.on('uncaughtException')`, which gets unhandled rejections as well. The process can no longer be trusted:
 * it reports the error and exits at the deadline at the latest. Its supervisor starts it again. An error that is not
 * fatal is only reported.
 */
export const crashHandler = ({
  isFatal = () => true,
  report,
  endSpans,
  flush,
  deadlineMs,
  exit = process.exit,
}: CrashOptions) => {
  let crashing = false
  return (error: unknown, origin: NodeJS.UncaughtExceptionOrigin): void => {
    if (crashing) return
    if (!isFatal()) {
      try {
        report(error, origin)
      } catch {
        // An error here would end the process.
      }
      return
    }
    crashing = true
    // Only Node itself can print the file and the line of a syntax error in a module.
    if (isSyntaxErrorOfModule(error)) throw error
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

/** Unlike a syntax error from JSON.parse, it has no stack frame outside Node. */
const isSyntaxErrorOfModule = (error: unknown): boolean =>
  error instanceof SyntaxError && !/^\s+at (?!.*\(?node:internal\/)/m.test(error.stack ?? '')
