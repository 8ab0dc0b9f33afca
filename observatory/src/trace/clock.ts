import { browserAttr } from '@cruddur/shared/telemetry'
import type { Span } from './span.ts'

/** `offsetMs`: the clock of the server's side less the clock of the caller's; it may be wrong by `errorMs` either way. */
export type ClockOffset = { from: string; to: string; offsetMs: number; errorMs: number }

/** A call between two services: the caller's client span and the server span that it led to. */
export type Call = { client: Span; server: Span }

export const callsOf = (spans: readonly Span[]): Call[] => {
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  return spans.flatMap((server) => {
    const client = server.parentSpanId === null ? undefined : byId.get(server.parentSpanId)
    const call = client && server.kind === 'server' && client.kind === 'client' && client.service !== server.service
    return call ? [{ client, server }] : []
  })
}

const middle = (span: Span) => span.startMs + span.durationMs / 2

const offsetOf = ({ client, server }: Call): ClockOffset => {
  const told = client.attributes[browserAttr.clockOffsetMs]
  return {
    from: client.service,
    to: server.service,
    offsetMs: typeof told === 'number' && Number.isFinite(told) ? told : middle(server) - middle(client),
    errorMs: Math.max(0, client.durationMs - server.durationMs) / 2,
  }
}

/** For each pair of services the call that leaves the least doubt, the surest pair first. */
export const clockOffsets = (calls: readonly Call[]): ClockOffset[] => {
  const best = new Map<string, ClockOffset>()
  for (const offset of calls.map(offsetOf)) {
    const pair = `${offset.from} ${offset.to}`
    const known = best.get(pair)
    if (!known || offset.errorMs < known.errorMs) best.set(pair, offset)
  }
  return [...best.values()].sort((a, b) => a.errorMs - b.errorMs)
}

/** Clocks that cannot be told from equal ones, given how exactly they were compared. */
export const clocksAgree = ({ offsetMs, errorMs }: ClockOffset): boolean => Math.abs(offsetMs) <= errorMs + 1

/** How far each service's spans have to move to lie on the clock of the service where the trace began. */
export const shiftsOf = (rootService: string, offsets: readonly ClockOffset[]): Map<string, number> => {
  const shifts = new Map([[rootService, 0]])
  for (let grown = true; grown; ) {
    grown = false
    for (const { from, to, offsetMs } of offsets) {
      const base = shifts.get(from)
      if (base === undefined || shifts.has(to)) continue
      shifts.set(to, base - offsetMs)
      grown = true
    }
  }
  return shifts
}
