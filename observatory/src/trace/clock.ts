import { browserAttr } from '@cruddur/wire/names'
import { type ClockReading, readClock } from '@cruddur/wire/times'
import type { Span } from './span.ts'

/** `offsetMs` is the clock of the called service minus that of the caller. */
export type ClockOffset = ClockReading & { from: string; to: string }

/** A call between two services: the span of the caller and the server span below it. */
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

/** The page's own server is a caller too: it passes a request on under its server span. */
const isCaller = ({ kind }: Span): boolean => kind === 'client' || kind === 'server'

type Measured = ClockOffset & { byPage: boolean }

const endOf = (span: Span) => span.startMs + span.durationMs

/** An estimate from the positions of the two spans. A span may have been cut short. */
const estimate = ({ client, server }: Call): Measured => ({
  from: client.service,
  to: server.service,
  ...readClock(client.startMs, server.startMs, endOf(server), endOf(client)),
  byPage: false,
})

/** The service that answered, behind those that passed the request on. */
export const answererOf = ({ server }: Call, calls: readonly Call[]): string => {
  let last = server
  // Spans may name each other as parents.
  for (let left = calls.length; left > 0; left--) last = calls.find(({ client }) => client === last)?.server ?? last
  return last.service
}

/** The page's own measurement. It is about the service that answered. */
const measuredByPage = (call: Call, calls: readonly Call[]): Measured[] => {
  const { client } = call
  const { [browserAttr.clockOffsetMs]: offsetMs, [browserAttr.clockOffsetErrorMs]: errorMs } = client.attributes
  if (typeof offsetMs !== 'number' || typeof errorMs !== 'number') return []
  return [{ from: client.service, to: answererOf(call, calls), offsetMs, errorMs, byPage: true }]
}

const byCertainty = (a: Measured, b: Measured) => Number(b.byPage) - Number(a.byPage) || a.errorMs - b.errorMs

/** A request that was cancelled, or cut off when the page closed, may end before its server span begins. */
const isCutShort = ({ client }: Call) =>
  client.attributes[browserAttr.cancelled] === true || client.attributes[browserAttr.endedBy] !== undefined

/** The most certain offset for each pair of services, the most certain pair first. */
export const clockOffsets = (calls: readonly Call[]): ClockOffset[] => {
  const best = new Map<string, Measured>()
  const measured = calls
    .filter((call) => !isCutShort(call))
    .flatMap((call) => [...measuredByPage(call, calls), estimate(call)])
  for (const offset of measured.sort(byCertainty)) {
    const pair = `${offset.from} ${offset.to}`
    if (!best.has(pair)) best.set(pair, offset)
  }
  return [...best.values()].map(({ byPage, ...offset }) => offset)
}

/** Whether the offset is within the error of the measurement. */
export const clocksAgree = ({ offsetMs, errorMs }: ClockOffset): boolean => Math.abs(offsetMs) <= errorMs

/** How long after its client span a server span is drawn; null if their clocks disagree and are not aligned. */
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

/** How far to move the spans of each service to the root's clock: 0 if the clocks agree. */
export const shiftsOf = (rootService: string, offsets: readonly ClockOffset[]): Map<string, number> => {
  const shifts = new Map([[rootService, 0]])
  for (let isGrowing = true; isGrowing; ) {
    isGrowing = false
    for (const offset of offsets) {
      const { from, to } = offset
      const base = shifts.get(from)
      if (base === undefined || shifts.has(to)) continue
      shifts.set(to, clocksAgree(offset) ? base : base - offset.offsetMs)
      isGrowing = true
    }
  }
  return shifts
}
