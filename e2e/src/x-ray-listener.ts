import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

type XrayDocument = { [field: string]: unknown; subsegments?: XrayDocument[] }

/** A segment or a subsegment, wherever it came: inside of another one, or by itself. */
type XrayNode = {
  traceId: string
  id: string
  parentId: string | null
  startMs: number
  endMs: number
  rule: string | undefined
  document: XrayDocument
}

export type XrayListener = {
  /** As `AWS_XRAY_DAEMON_ADDRESS` wants it. */
  address: string
  datagrams: readonly Buffer[]
  documents: readonly XrayDocument[]
  /** What was asked for on TCP. */
  questions: readonly string[]
  nodes: () => XrayNode[]
  stop: () => Promise<void>
}

export const everythingRule = 'Everything'
const samplingRule = {
  RuleName: everythingRule,
  RuleARN: `arn:aws:xray:us-east-1:000000000000:sampling-rule/${everythingRule}`,
  ResourceARN: '*',
  Priority: 1,
  FixedRate: 1,
  ReservoirSize: 0,
  ServiceName: '*',
  ServiceType: '*',
  Host: '*',
  HTTPMethod: '*',
  URLPath: '*',
  Version: 1,
  Attributes: {},
}
const answers: Record<string, () => object> = {
  '/GetSamplingRules': () => ({ SamplingRuleRecords: [{ SamplingRule: samplingRule, CreatedAt: 0, ModifiedAt: 0 }] }),
  '/SamplingTargets': () => ({ LastRuleModification: 0, SamplingTargetDocuments: [], UnprocessedStatistics: [] }),
}

/** An X-Ray daemon on free ports: documents on UDP, and on TCP a rule that samples everything. */
export const startXrayListener = async (): Promise<XrayListener> => {
  const datagrams: Buffer[] = []
  const documents: XrayDocument[] = []
  const questions: string[] = []

  const udp = createSocket({ type: 'udp4', recvBufferSize: 8 * 1024 * 1024 })
  udp.on('message', (datagram) => {
    const end = datagram.indexOf('\n')
    const header = JSON.parse(String(datagram.subarray(0, end)))
    if (header.format !== 'json' || header.version !== 1) throw new Error(`the daemon would drop this: ${datagram}`)
    datagrams.push(datagram)
    documents.push(JSON.parse(String(datagram.subarray(end + 1))))
  })
  udp.bind(0, '127.0.0.1')
  await once(udp, 'listening')

  const tcp = createServer(async (request, response) => {
    const answer = answers[request.url ?? '']
    questions.push(`${request.url} ${await text(request)}`)
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer?.() ?? {}))
  })
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))

  return {
    address: `tcp:127.0.0.1:${(tcp.address() as AddressInfo).port} udp:127.0.0.1:${udp.address().port}`,
    datagrams,
    documents,
    questions,
    nodes: () => documents.flatMap((document) => nodesOf(document, String(document.trace_id), null)),
    stop: async () => {
      udp.close()
      tcp.close()
      tcp.closeAllConnections()
    },
  }
}

const nodesOf = (document: XrayDocument, traceId: string, parent: string | null): XrayNode[] => {
  const { aws } = document as { aws?: { xray?: { rule_name?: string } } }
  const node = {
    traceId,
    id: String(document.id),
    parentId: parent ?? ((document.parent_id as string | undefined) || null),
    startMs: Number(document.start_time) * 1_000,
    endMs: Number(document.end_time) * 1_000,
    rule: aws?.xray?.rule_name,
    document,
  }
  return [node, ...(document.subsegments ?? []).flatMap((inner) => nodesOf(inner, traceId, node.id))]
}
