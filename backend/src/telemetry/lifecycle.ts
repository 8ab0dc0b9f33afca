import { setTimeout as delay } from 'node:timers/promises'

type Shutdown = () => Promise<void>

let shutdown: Shutdown | undefined

export const onShutdown = (work: Shutdown): void => {
  shutdown = work
}

/** Sends what is queued. The SDK's own shutdown rejects, and takes up to 30 s, when its endpoint is down: it gets a deadline. */
export const shutdownTelemetry = async (deadlineMs: number): Promise<void> => {
  await Promise.race([shutdown?.().catch(() => {}), delay(deadlineMs, undefined, { ref: false })])
}
