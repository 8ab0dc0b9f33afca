import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { cloudWatchProtocol, type LogLine } from '@cruddur/vendor-doubles/cloudwatch'
import { honeycombProtocol } from '@cruddur/vendor-doubles/honeycomb'
import type { Protocol, VendorRequest } from '@cruddur/vendor-doubles/protocol'
import { rollbarProtocol } from '@cruddur/vendor-doubles/rollbar'
import { startServer } from '@cruddur/vendor-doubles/server'
import type { Span } from '@cruddur/vendor-doubles/span'
import { type Segment, samplingProtocol, takeDatagram } from '@cruddur/vendor-doubles/xray'
import { isOfLoad } from './sameness.ts'

/** What one process has sent. */
export type Received = {
  readonly spans: number
  /** Spans of requests that the load has sent. */
  readonly requestSpans: number
  readonly statementSpans: number
  readonly spanBytes: number
  /** How often each span was sent. */
  readonly names: Readonly<Record<string, number>>
  readonly segments: number
  readonly lines: number
  readonly items: number
  readonly refused: readonly string[]
}

/** Everything that one process has sent. */
export type Seen = {
  readonly spans: readonly Span[]
  readonly segments: readonly Segment[]
  readonly lines: readonly LogLine[]
}

const keepsAll = [{ RuleName: 'Default', FixedRate: 1, ReservoirSize: 1 }]
const receiveBufferBytes = 8 * 1024 * 1024

/** Four vendors for one measured process. They keep what arrives, and read it after the measurement. */
export const createSinks = async () => {
  let bodies: VendorRequest[] = []
  let datagrams: Buffer[] = []
  let [spans, segments, lines, refused]: [Span[], Segment[], LogLine[], string[]] = [[], [], [], []]
  let items = 0
  const refuse = ({ what, reason }: { what: string; reason: string }) => void refused.push(`${what}: ${reason}`)

  const honeycomb = honeycombProtocol({ span: (span) => spans.push(span), logRecord: () => {}, refused: refuse })
  const readLater: Protocol = {
    ...honeycomb,
    answer: (request) => {
      bodies.push(request)
      return { status: 200, headers: { 'content-type': String(request.headers['content-type']) } }
    },
  }
  const otlp = await startServer(readLater)
  const rollbar = await startServer(rollbarProtocol({ item: () => void items++, refused: refuse }))
  const cloudWatch = await startServer(cloudWatchProtocol({ line: (line) => lines.push(line), refused: refuse }))
  const rules = await startServer(samplingProtocol(keepsAll))
  const udp = createSocket({ type: 'udp4', recvBufferSize: receiveBufferBytes }, (datagram) => datagrams.push(datagram))
  await once(udp.bind(rules.port, '127.0.0.1'), 'listening')

  const readAll = () => {
    for (const request of bodies) honeycomb.answer(request)
    for (const datagram of datagrams) takeDatagram({ segment: (one) => segments.push(one), refused: refuse }, datagram)
    const all = {
      spans,
      segments,
      lines,
      refused,
      items,
      spanBytes: bodies.reduce((sum, { body }) => sum + body.length, 0),
    }
    ;[bodies, datagrams, spans, segments, lines, refused, items] = [[], [], [], [], [], [], 0]
    return all
  }

  return {
    env: () => ({
      otlp: { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url },
      others: {
        AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${rules.port}`,
        ROLLBAR_ENDPOINT: `${rollbar.url}/api/1/item/`,
        ROLLBAR_ACCESS_TOKEN: 'a-token',
        AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: cloudWatch.url,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
      },
    }),
    /** Everything since the last call of either method. */
    seen: (): Seen => {
      const { spans, segments, lines } = readAll()
      return { spans, segments, lines }
    },
    received: (): Received => {
      const { spans, segments, lines, ...rest } = readAll()
      const names: Record<string, number> = {}
      for (const { name } of spans) names[name] = (names[name] ?? 0) + 1
      return {
        spans: spans.length,
        requestSpans: spans.filter(isOfLoad).length,
        statementSpans: spans.filter(({ attributes }) => 'db.query.text' in attributes || 'db.statement' in attributes)
          .length,
        names,
        segments: new Set(segments.filter((one) => one.type !== 'subsegment').map(({ id }) => id)).size,
        lines: lines.length,
        ...rest,
      }
    },
  }
}
