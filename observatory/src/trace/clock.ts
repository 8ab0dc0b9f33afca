import { browserAttr } from '@cruddur/shared/telemetry'
import { type ClockReading, readClock } from '@cruddur/shared/times'
import type { Span } from './span.ts'

/** `offsetMs`: the clock of the called service less the clock of the caller. */
export type ClockOffset = ClockReading & { from: string; to: string }

/** A call between two services: a span of the caller, and the server span that it led to. */
export type Call = { client: Span; server: Span }

export const callsOf = (spans: readonly Span[]): Call[] => {
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  return spans.flatMap((server) => {
    const client = server.parentSpanId === null ? undefined : byId.get(server.parentSpanId)
    return client && server.kind === 'server' && isCaller(client) && client.service !== server.service
      ? [{ client, server }]
      : []
  })
}

/** The page's own server passes a request on under its server span. */
const isCaller = ({ kind }: Span): boolean => kind === 'client' || kind === 'server'

type Measured = ClockOffset & { told: boolean }

const endOf = (span: Span) => span.startMs + span.durationMs

/** Where the two spans lie tells something, but a span may have been cut short. */
const fromSpans = ({ client, server }: Call): Measured => ({
  from: client.service,
  to: server.service,
  ...readClock(client.startMs, server.startMs, endOf(server), endOf(client)),
  told: false,
})

/** What the page measured itself is about the service that answered in the end, behind any that passed the request on. */
const toldBy = ({ client, server }: Call, calls: readonly Call[]): Measured[] => {
  const { [browserAttr.clockOffsetMs]: offsetMs, [browserAttr.clockOffsetErrorMs]: errorMs } = client.attributes
  if (typeof offsetMs !== 'number' || typeof errorMs !== 'number') return []
  const next = calls.find((call) => call.client === server)
  return next
    ? toldBy({ client, server: next.server }, calls)
    : [{ from: client.service, to: server.service, offsetMs, errorMs, told: true }]
}

const surer = (a: Measured, b: Measured) => Number(b.told) - Number(a.told) || a.errorMs - b.errorMs

/** A request that was given up, or cut off when the page went, may end before its server has even begun. */
const isCutShort = ({ client }: Call) =>
  client.attributes[browserAttr.cancelled] === true || client.attributes[browserAttr.endedBy] !== undefined

/** For each pair of services the call that leaves the least doubt, the surest pair first. */
export const clockOffsets = (calls: readonly Call[]): ClockOffset[] => {
  const best = new Map<string, Measured>()
  const measured = calls
    .filter((call) => !isCutShort(call))
    .flatMap((call) => [...toldBy(call, calls), fromSpans(call)])
  for (const offset of measured.sort(surer)) {
    const pair = `${offset.from} ${offset.to}`
    if (!best.has(pair)) best.set(pair, offset)
  }
  return [...best.values()].map(({ told, ...offset }) => offset)
}

/** Clocks that cannot be told from equal ones, given how exactly they were compared. */
export const clocksAgree = ({ offsetMs, errorMs }: ClockOffset): boolean => Math.abs(offsetMs) <= errorMs

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

/** How far each service's spans have to move to lie on the clock where the trace began: not at all where the clocks may agree. */
export const shiftsOf = (rootService: string, offsets: readonly ClockOffset[]): Map<string, number> => {
  const shifts = new Map([[rootService, 0]])
  for (let grown = true; grown; ) {
    grown = false
    for (const offset of offsets) {
      const { from, to } = offset
      const base = shifts.get(from)
      if (base === undefined || shifts.has(to)) continue
      shifts.set(to, clocksAgree(offset) ? base : base - offset.offsetMs)
      grown = true
    }
  }
  return shifts
}
