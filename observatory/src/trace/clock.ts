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

const number = (span: Span, key: string): number | null => {
  const value = span.attributes[key]
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

/** What the page measured between sending and first byte; else the two spans' middles, as if both ways took the same. */
const offsetOf = ({ client, server }: Call): Measured => {
  const pair = { from: client.service, to: server.service }
  const told = number(client, browserAttr.clockOffsetMs)
  if (told === null) {
    const errorMs = Math.abs(client.durationMs - server.durationMs) / 2
    return { ...pair, offsetMs: middle(server) - middle(client), errorMs, told: false }
  }
  const waitMs = number(client, browserAttr.waitMs) ?? client.durationMs
  const serverMs = number(client, browserAttr.serverMs) ?? server.durationMs
  return { ...pair, offsetMs: told, errorMs: Math.max(0, waitMs - serverMs) / 2, told: true }
}

type Measured = ClockOffset & { told: boolean }

const surer = (a: Measured, b: Measured) => Number(b.told) - Number(a.told) || a.errorMs - b.errorMs

/** A request that was given up may end before its server has even begun: it says nothing of clocks. */
const wasGivenUp = ({ client }: Call) => client.attributes[browserAttr.cancelled] === true

/** For each pair of services the call that leaves the least doubt, the surest pair first. */
export const clockOffsets = (calls: readonly Call[]): ClockOffset[] => {
  const best = new Map<string, Measured>()
  const measured = calls.filter((call) => !wasGivenUp(call)).map(offsetOf)
  for (const offset of measured.sort(surer)) {
    const pair = `${offset.from} ${offset.to}`
    if (!best.has(pair)) best.set(pair, offset)
  }
  return [...best.values()].map(({ told, ...offset }) => offset)
}

/** Beside the doubt of the measurement itself, clocks are rounded to the millisecond on both sides. */
const roundingMs = 2

/** Clocks that cannot be told from equal ones, given how exactly they were compared. */
export const clocksAgree = ({ offsetMs, errorMs }: ClockOffset): boolean => Math.abs(offsetMs) <= errorMs + roundingMs

/** How long after its client span a server span begins, as both are drawn; null where their clocks are drawn apart. */
export const serverAt = (
  { client, server }: Call,
  offsets: readonly ClockOffset[],
  shifts: ReadonlyMap<string, number>,
): number | null => {
  const offset = offsets.find(({ from, to }) => from === client.service && to === server.service)
  if (!offset) return null
  const movedMs = (shifts.get(server.service) ?? 0) - (shifts.get(client.service) ?? 0)
  return clocksAgree({ ...offset, offsetMs: offset.offsetMs + movedMs })
    ? server.startMs - client.startMs + movedMs
    : null
}

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
