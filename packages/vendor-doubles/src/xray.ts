import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { type Fields, isFields, type Protocol, parseFields, type Refusal, Refused, type Reply } from './protocol.ts'
import { type ServerOptions, startServer, type VendorServer } from './server.ts'

/** A segment document, as X-Ray describes it. */
export type Segment = Fields & {
  id: string
  name: string
  trace_id: string
  parent_id?: string
  start_time: number
  end_time?: number
  subsegments?: Segment[]
}

export type XraySink = {
  readonly segment: (segment: Segment, datagram: Buffer) => void
  readonly refused?: (refusal: Refusal) => void
  /** Called for each datagram that arrives while the daemon has a fault. */
  readonly lost?: () => void
}

export type SamplingRule = { readonly RuleName: string; readonly FixedRate: number; readonly ReservoirSize: number }

export type XrayOptions = ServerOptions & { readonly rules?: readonly SamplingRule[] | undefined }

/** "64 kB": no datagram has more than 65,507 bytes, so this is the stricter reading. */
const maxDocumentBytes = 64_000
const maxDepth = 100
const quotaForS = 10
const arn = 'arn:aws:xray:us-east-1:000000000000:sampling-rule/'
const everything = {
  ResourceARN: '*',
  Priority: 10_000,
  ServiceName: '*',
  ServiceType: '*',
  Host: '*',
  HTTPMethod: '*',
  URLPath: '*',
  Version: 1,
  Attributes: {},
}
const defaultRules: readonly SamplingRule[] = [{ RuleName: 'Default', FixedRate: 1, ReservoirSize: 1 }]

/** Segments come in bursts, and the system's own buffer holds three of the largest. */
const receiveBufferBytes = 8 * 1024 * 1024
const attempts = 20

/** The X-Ray daemon: segments by UDP and sampling rules by TCP, on the same port. */
export const startDaemon = async (sink: XraySink, options: XrayOptions = {}): Promise<VendorServer> => {
  const protocol = samplingProtocol(options.rules ?? defaultRules)
  for (let left = options.port ? 0 : attempts; ; left--) {
    const tcp = await startServer(protocol, options)
    try {
      return await withDatagrams(tcp, sink)
    } catch (error) {
      await tcp.stop()
      if (left === 0) throw error
    }
  }
}

const withDatagrams = async (tcp: VendorServer, sink: XraySink): Promise<VendorServer> => {
  const bind = (): Socket =>
    createSocket({ type: 'udp4', recvBufferSize: receiveBufferBytes }, (datagram) => {
      if (tcp.fault === null) takeDatagram(sink, datagram)
      else sink.lost?.()
    }).bind(tcp.port, '127.0.0.1')
  let udp: Socket | null = bind()
  await once(udp, 'listening')
  return {
    ...tcp,
    get fault() {
      return tcp.fault
    },
    set fault(fault) {
      tcp.fault = fault
      if (fault !== 'closed') udp ??= bind()
      else {
        udp?.close()
        udp = null
      }
    },
    stop: async () => {
      udp?.close()
      udp = null
      await tcp.stop()
    },
  }
}

/** What the daemon passes on to X-Ray for the SDKs' samplers: the rules, and each client's share of them. */
export const samplingProtocol = (rules: readonly SamplingRule[]): Protocol => {
  const startedS = Math.floor(Date.now() / 1000)
  /** When each client last asked for its share of a rule. */
  const clients = new Map<string, Map<string, number>>(rules.map(({ RuleName }) => [RuleName, new Map()]))

  const clientsOf = (rule: string, client: string, nowS: number): number => {
    const seen = clients.get(rule) ?? new Map<string, number>()
    seen.set(client, nowS)
    for (const [other, at] of seen) if (at < nowS - 2 * quotaForS) seen.delete(other)
    return seen.size
  }

  const targetOf = ({ RuleName: name, ClientID: client }: Fields, nowS: number): object => {
    const rule = rules.find(({ RuleName }) => RuleName === name)
    if (!rule) return { RuleName: name, ErrorCode: 'InvalidRuleName', Message: 'there is no such rule' }
    return {
      RuleName: rule.RuleName,
      FixedRate: rule.FixedRate,
      ReservoirQuota: Math.floor(rule.ReservoirSize / clientsOf(rule.RuleName, String(client), nowS)),
      ReservoirQuotaTTL: nowS + quotaForS,
      Interval: quotaForS,
    }
  }

  return {
    maxBodyBytes: 1024 * 1024,
    refused: () => {},
    answer: ({ method, path, body }) => {
      if (method === 'POST' && path === '/GetSamplingRules') {
        const SamplingRuleRecords = rules.map((rule) => ({
          CreatedAt: startedS,
          ModifiedAt: startedS,
          SamplingRule: { ...everything, ...rule, RuleARN: `${arn}${rule.RuleName}` },
        }))
        return jsonReply(200, { NextToken: null, SamplingRuleRecords })
      }
      if (method !== 'POST' || path !== '/SamplingTargets') return { status: 403 }
      const documents = parseFields(body)?.SamplingStatisticsDocuments
      if (!Array.isArray(documents) || !documents.every(isFields)) {
        throw new Refused(400, 'SamplingStatisticsDocuments is missing')
      }
      const nowS = Math.floor(Date.now() / 1000)
      const targets = documents.slice(0, 25).map((document) => targetOf(document, nowS))
      return jsonReply(200, {
        LastRuleModification: startedS,
        SamplingTargetDocuments: targets.filter((target) => !('ErrorCode' in target)),
        UnprocessedStatistics: targets.filter((target) => 'ErrorCode' in target),
      })
    },
    refuse: (_request, { status, message }) => errorReply(status, 'InvalidRequestException', message),
    // X-Ray has no 401.
    faults: {
      401: () => errorReply(403, 'UnrecognizedClientException', 'The security token in the request is invalid.'),
      429: () => errorReply(429, 'ThrottledException', 'Rate exceeded', { 'retry-after': '2' }),
      500: () => errorReply(500, 'InternalFailure', 'An internal failure occurred.'),
    },
  }
}

const jsonReply = (status: number, body: object, headers = {}): Reply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})
const errorReply = (status: number, type: string, message: string, headers = {}) =>
  jsonReply(status, { __type: type, message }, { 'x-amzn-errortype': type, ...headers })

/** One datagram: the daemon's header line, and the document that X-Ray gets from it. */
export const takeDatagram = ({ segment, refused }: XraySink, datagram: Buffer): void => {
  const end = datagram.indexOf('\n')
  const header = parseFields(datagram.subarray(0, Math.max(end, 0)))
  const document = parseFields(datagram.subarray(end + 1))
  const bytes = datagram.length - end - 1
  const isHeader = String(header?.format).toLowerCase() === 'json' && header?.version === 1
  const reason = !isHeader
    ? 'it does not begin with the line {"format":"json","version":1}'
    : bytes > maxDocumentBytes
      ? `its document has ${bytes} bytes, more than 64 kB`
      : segmentProblemOf(document)
  if (reason === null) segment(document as Segment, datagram)
  else refused?.({ what: 'segment', reason, given: document })
}

/** Why X-Ray would drop this document. null: it would not. */
export const segmentProblemOf = (document: Fields | null): string | null => {
  if (!document) return 'its document is not a JSON object'
  const { trace_id: traceId, type, parent_id: parentId } = document
  if (!isTraceId(traceId)) return `trace_id ${quote(traceId)} is not 1-, 8 hex digits, -, 24 hex digits`
  if (parentId !== undefined && !isId(parentId)) return `parent_id ${quote(parentId)} is not 16 hex digits`
  if (type === 'subsegment' && parentId === undefined) return 'a subsegment by itself needs a parent_id'
  // Not recursive, because the sender decides how deep the document goes.
  const open: [unknown, string, number][] = [[document, '', 0]]
  for (let next = open.pop(); next; next = open.pop()) {
    const [node, where, depth] = next
    const problem = problemOfNode(node)
    if (problem !== null) return where ? `${where}: ${problem}` : problem
    if (depth > maxDepth) return `subsegments nested deeper than ${maxDepth}`
    const { subsegments = [], name } = node as Fields
    if (!Array.isArray(subsegments)) return `the subsegments of ${quote(name)} are not a list`
    for (const child of subsegments) open.push([child, `below ${quote(name)}`, depth + 1])
  }
  return null
}

const problemOfNode = (node: unknown): string | null => {
  if (!isFields(node)) return 'a subsegment is not an object'
  const { name, id, start_time: start, end_time: end, in_progress: isOpen } = node
  if (typeof name !== 'string' || name === '') return 'name is missing'
  if (name.length > 200) return `name has ${name.length} characters, more than 200`
  const refused = /[^\p{L}\p{N}\s_.:/%&#=+\\\-@]/u.exec(name)?.[0]
  if (refused) return `name ${quote(name)} has the character ${quote(refused)}, which X-Ray does not allow`
  if (!isId(id)) return `id ${quote(id)} is not 16 hex digits`
  if (!isTime(start)) return `start_time ${quote(start)} is not a time in seconds`
  if (end === undefined) return isOpen === true ? null : 'it has neither end_time nor in_progress'
  return isTime(end) ? null : `end_time ${quote(end)} is not a time in seconds`
}

const isTraceId = (value: unknown): boolean => typeof value === 'string' && /^1-[0-9a-f]{8}-[0-9a-f]{24}$/i.test(value)
const isId = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f]{16}$/i.test(value)
const isTime = (value: unknown): boolean => typeof value === 'number' && value > 0 && value < 1e11
const quote = (value: unknown): string =>
  value === undefined ? '(missing)' : (JSON.stringify(value) ?? '').slice(0, 80)
