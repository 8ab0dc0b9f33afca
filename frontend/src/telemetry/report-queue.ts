import type { ReadableSpan } from '@opentelemetry/sdk-trace-web'
import type { Accounts } from './export-queue.ts'

export type FaultKind = 'uncaught' | 'unhandled rejection' | 'render'

/** What Rollbar gets about one fault, besides the error itself. */
export type Report = {
  thrown: unknown
  kind: FaultKind
  componentStack?: string | undefined
  traceId: string | null
  spanId: string | null
  sessionId: string | null
  userId: string | null
  route: string | null
  /** The actions and requests before the fault, oldest first. */
  before: readonly ReadableSpan[]
}

/** `reason` says why the report was lost, and is null when it was delivered. */
export type SendReport = (report: Report, settle: (reason: string | null) => void) => void

const mostWaiting = 20

/** Reports wait here for Rollbar's package, which is loaded after the page. */
export class ReportQueue {
  #send: SendReport | undefined
  #waiting: Report[] = []
  #inFlight = 0
  #created = 0
  #delivered = 0
  #dropped: Record<string, number> = {}
  #lastError: string | null = null

  state(): Accounts {
    return {
      created: this.#created,
      delivered: this.#delivered,
      queued: this.#waiting.length + this.#inFlight,
      dropped: { ...this.#dropped },
      lastError: this.#lastError,
    }
  }

  add(report: Report): void {
    this.#created += 1
    if (this.#send) this.#post(report)
    else if (this.#waiting.length < mostWaiting) this.#waiting.push(report)
    else this.#drop('queue_full')
  }

  connect(send: SendReport): void {
    this.#send = send
    for (const report of this.#waiting.splice(0)) this.#post(report)
  }

  #post(report: Report): void {
    let isSettled = false
    const settle = (reason: string | null): void => {
      if (isSettled) return
      isSettled = true
      this.#inFlight -= 1
      this.#lastError = reason
      if (reason === null) this.#delivered += 1
      else this.#drop(reason)
    }
    this.#inFlight += 1
    try {
      this.#send?.(report, settle)
    } catch {
      settle('not_built')
    }
  }

  #drop(reason: string): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + 1
  }
}
