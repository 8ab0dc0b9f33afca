export type CrashOptions = {
  readonly report: (error: unknown, origin: NodeJS.UncaughtExceptionOrigin) => void
  readonly flush: (deadlineMs: number) => Promise<unknown>
  readonly deadlineMs: number
  readonly exit?: (code: number) => void
}

/**
 * For `process.on('uncaughtException')`, which gets unhandled rejections as well. After it nothing of the process can be
 * trusted: it says what happened, for so long and not longer, and goes. Whoever started it starts the next.
 */
export const crashHandler = ({ report, flush, deadlineMs, exit = process.exit }: CrashOptions) => {
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
      flush(deadlineMs).then(leave, leave)
    } catch {
      leave()
    }
  }
}
