import { isFields } from '../trace/item.ts'
import { fromXrayTraceId, isXrayTraceId, type Segment } from '../trace/segment.ts'
import type { Intake } from './intake.ts'

/** "64 kB": a datagram ends at 65,507 bytes whatever the vendor says, so this is the stricter reading. */
const largestDocument = 64_000
const deepest = 100
const newline = 10

/** One datagram: the daemon's header line and the document that X-Ray would get from it. */
export const takeDatagram = ({ store, changed }: Intake, datagram: Uint8Array): void => {
  const end = datagram.indexOf(newline)
  const document = parse(datagram.subarray(end + 1))
  const reason =
    end < 0 || !isHeader(datagram.subarray(0, end))
      ? 'it does not begin with the line {"format":"json","version":1}'
      : datagram.length - end - 1 > largestDocument
        ? `its document has ${datagram.length - end - 1} bytes, more than 64 kB`
        : wrongWithDocument(document)
  if (reason === null) {
    const segment = document as Segment
    store.addSegment(segment)
    changed([fromXrayTraceId(segment.trace_id ?? '')])
    return
  }
  const { name, trace_id: id } = isFields(document) ? document : {}
  const traceId = typeof id === 'string' && isXrayTraceId(id) ? fromXrayTraceId(id) : ''
  const shown = typeof name === 'string' ? name : ''
  store.refuse({ atMs: Date.now(), vendor: 'xray', what: 'segment', reason, name: shown, traceId })
  changed(traceId ? [traceId] : [])
}

const parse = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return undefined
  }
}

const isHeader = (line: Uint8Array): boolean => {
  const header = parse(line)
  return isFields(header) && String(header.format).toLowerCase() === 'json' && header.version === 1
}

const wrongWithDocument = (document: unknown): string | null => {
  if (!isFields(document)) return 'its document is not a JSON object'
  const { trace_id: traceId, type, parent_id: parentId } = document
  if (typeof traceId !== 'string' || !isXrayTraceId(traceId)) {
    return `trace_id ${said(traceId)} is not 1-, 8 hex digits, -, 24 hex digits`
  }
  if (parentId !== undefined && !isId(parentId)) return `parent_id ${said(parentId)} is not 16 hex digits`
  if (type === 'subsegment' && parentId === undefined) return 'a subsegment by itself needs a parent_id'
  const open: [unknown, string, number][] = [[document, '', 0]]
  for (let next = open.pop(); next; next = open.pop()) {
    const [node, where, depth] = next
    const wrong = wrongWithNode(node)
    if (wrong !== null) return where ? `${where}: ${wrong}` : wrong
    if (depth > deepest) return `subsegments nested deeper than ${deepest}`
    const { subsegments = [], name } = node as Segment
    if (!Array.isArray(subsegments)) return `subsegments of ${said(name)} are no list`
    for (const child of subsegments) open.push([child, `below ${said(name)}`, depth + 1])
  }
  return null
}

const wrongWithNode = (node: unknown): string | null => {
  if (!isFields(node)) return 'a subsegment is no object'
  const { name, id, start_time: start, end_time: end, in_progress: open } = node
  if (typeof name !== 'string' || name === '') return 'name is missing'
  if (name.length > 200) return `name has ${name.length} characters, more than 200`
  const strange = /[^\p{L}\p{N}\s_.:/%&#=+\\\-@]/u.exec(name)?.[0]
  if (strange) return `name ${said(name)} has the character ${said(strange)}, which X-Ray does not allow`
  if (!isId(id)) return `id ${said(id)} is not 16 hex digits`
  if (!isTime(start)) return `start_time ${said(start)} is no time in seconds`
  if (end === undefined) return open === true ? null : 'it has neither end_time nor in_progress'
  return isTime(end) ? null : `end_time ${said(end)} is no time in seconds`
}

const isId = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f]{16}$/i.test(value)
const isTime = (value: unknown): boolean => typeof value === 'number' && value > 0 && value < 1e11
const said = (value: unknown): string =>
  value === undefined ? '(missing)' : (JSON.stringify(value) ?? '').slice(0, 80)
