import { setTimeout as delay } from 'node:timers/promises'

type Shutdown = (deadlineMs: number) => Promise<void>

let shutdown: Shutdown | undefined

export const onShutdown = (work: Shutdown): void => {
  shutdown = work
}

/** Sends what is queued. Whatever hangs in there, it is over at the deadline. */
export const shutdownTelemetry = async (deadlineMs: number): Promise<void> => {
  const late = delay(deadlineMs, undefined, { ref: false })
  await Promise.race([shutdown?.(deadlineMs).catch(() => {}), late])
}
