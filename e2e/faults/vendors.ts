import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeTraceRequest, MalformedOtlp, type OtlpContentType } from '@cruddur/shared/otlp'
import { createTls } from '@cruddur/vendor-doubles/certificate'
import {
  type Asked,
  type Mode,
  type Protocol,
  type Reply,
  type Sockets,
  startDatagrams,
  startVendor,
} from './vendor.ts'

export const vendorNames = ['honeycomb', 'rollbar', 'cloudwatch', 'xray'] as const
export type VendorName = (typeof vendorNames)[number]

export const keys = { honeycomb: 'key-of-a-test', rollbar: 'token-of-a-test', aws: 'AKIDOFATEST' }
const retryAfterSeconds = 2

const json = (status: number, body: object, more: Partial<Reply> & { type?: string } = {}): Reply => ({
  status,
  ...more,
  headers: { 'Content-Type': more.type ?? 'application/json', ...more.headers },
  body: JSON.stringify(body),
})

/** google.rpc.Status, in which Honeycomb says what it does not like: field 2 is the message. */
const otlpRefusal = (status: number, message: string, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { 'Content-Type': 'application/x-protobuf', ...headers },
  body: Buffer.concat([Buffer.of(0x12, message.length), Buffer.from(message)]),
})

const honeycomb: Protocol = {
  answer: ({ path, headers, body }) => {
    // Asked for once, for the links to its traces.
    if (path === '/1/auth') return json(200, { team: { slug: 'cruddur' }, environment: { slug: 'test' } })
    const type = String(headers['content-type']).split(';')[0] as OtlpContentType
    if (!headers['x-honeycomb-team']) return otlpRefusal(401, "missing 'x-honeycomb-team' header")
    if (!/^application\/(x-protobuf|json)$/.test(type)) return { status: 415, body: 'unsupported content type' }
    try {
      const { resourceSpans } = decodeTraceRequest(body, type)
      const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
      return {
        status: 200,
        headers: { 'Content-Type': type },
        body: type === 'application/json' ? '{}' : '',
        taken: spans.map(({ traceId, spanId }) => `${traceId} ${spanId}`),
      }
    } catch (error) {
      if (error instanceof MalformedOtlp) return otlpRefusal(400, 'failed to parse OTLP request body')
      throw error
    }
  },
  refusals: {
    'refused key': () => otlpRefusal(401, 'unknown API key - check your credentials'),
    'rate limit': () => ({
      ...json(429, { status: 429, type: 'https://api.honeycomb.io/problems/rate-limited', title: 'Slow down.' }),
      headers: {
        'Content-Type': 'application/problem+json',
        'Retry-After': new Date(Date.now() + retryAfterSeconds * 1_000).toUTCString(),
      },
    }),
    '500': () => otlpRefusal(500, 'internal error'),
  },
}

const rollbar: Protocol = {
  answer: ({ headers, body }) => {
    if (headers['x-rollbar-access-token'] !== keys.rollbar) return refusedToken()
    const { data } = JSON.parse(String(body)) as { data: { uuid: string } }
    return json(200, { err: 0, result: { uuid: data.uuid } }, { taken: [data.uuid] })
  },
  refusals: {
    'refused key': () => refusedToken(),
    'rate limit': () =>
      json(
        429,
        { err: 1, message: 'Over rate limit' },
        {
          headers: {
            'Retry-After': String(retryAfterSeconds),
            'X-Rate-Limit-Remaining': '0',
            'X-Rate-Limit-Remaining-Seconds': String(retryAfterSeconds),
          },
        },
      ),
    '500': () => json(500, { err: 1, message: 'Something went wrong' }),
  },
}
const refusedToken = () => json(401, { err: 1, message: 'invalid access token' })

const aws = (status: number, body: object, more: Partial<Reply> = {}): Reply =>
  json(status, body, { type: 'application/x-amz-json-1.1', ...more })

/** AWS refuses a key with 400 and too many requests too: the name of the exception says which. */
const awsRefusals: Protocol['refusals'] = {
  'refused key': () =>
    aws(400, {
      __type: 'UnrecognizedClientException',
      message: 'The security token included in the request is invalid.',
    }),
  'rate limit': () =>
    aws(
      400,
      { __type: 'ThrottlingException', message: 'Rate exceeded' },
      { headers: { 'Retry-After': String(retryAfterSeconds) } },
    ),
  '500': () => aws(500, { __type: 'InternalFailure', message: 'Internal failure' }),
}

type LogRequest = {
  readonly logGroupName: string
  readonly logStreamName: string
  readonly logStreamNamePrefix?: string
  readonly logEvents: readonly { message: string; timestamp: number }[]
}

const cloudWatch = (): Protocol => {
  const groups = new Set<string>()
  const streams = new Map<string, number>()
  const missing = () => aws(400, { __type: 'ResourceNotFoundException', message: 'It does not exist.' })
  const exists = () => aws(400, { __type: 'ResourceAlreadyExistsException', message: 'It exists.' })
  const make = (place: string, isThere: boolean, put: (place: string) => void) => {
    if (isThere) return exists()
    put(place)
    return aws(200, {})
  }
  return {
    answer: ({ headers, body }) => {
      const operation = String(headers['x-amz-target']).replace(/^.*\./, '')
      const asked = JSON.parse(String(body)) as LogRequest
      const group = asked.logGroupName
      const stream = `${group}/${asked.logStreamName}`
      switch (operation) {
        case 'CreateLogGroup':
          return make(group, groups.has(group), (place) => groups.add(place))
        case 'CreateLogStream':
          if (!groups.has(group)) return missing()
          return make(stream, streams.has(stream), (place) => streams.set(place, 0))
        case 'DescribeLogStreams': {
          if (!groups.has(group)) return missing()
          const names = [...streams.keys()].map((name) => name.slice(group.length + 1))
          const found = names.filter((name) => name.startsWith(asked.logStreamNamePrefix ?? ''))
          return aws(200, { logStreams: found.map((logStreamName) => ({ logStreamName })) })
        }
        case 'PutLogEvents': {
          const before = streams.get(stream)
          if (before === undefined) return missing()
          streams.set(stream, before + asked.logEvents.length)
          return aws(200, {}, { taken: asked.logEvents.map((_, index) => `${stream} ${before + index}`) })
        }
        case 'PutRetentionPolicy':
          return aws(200, {})
        default:
          return aws(400, { __type: 'UnknownOperationException' })
      }
    },
    refusals: awsRefusals,
  }
}

/** The daemon's TCP port, through which the rules come. */
const xrayDaemon: Protocol = {
  answer: ({ path }: Asked) => {
    if (path === '/GetSamplingRules') return json(200, { SamplingRuleRecords: [{ SamplingRule: everything }] })
    if (path === '/SamplingTargets') return json(200, { SamplingTargetDocuments: [], LastRuleModification: 1 })
    return json(404, {})
  },
  refusals: awsRefusals,
}
const everything = {
  RuleName: 'Default',
  Priority: 10_000,
  FixedRate: 1,
  ReservoirSize: 50,
  ServiceName: '*',
  ServiceType: '*',
  Host: '*',
  HTTPMethod: '*',
  URLPath: '*',
  ResourceARN: '*',
  Version: 1,
  Attributes: {},
}

type Segment = { readonly id?: string; readonly subsegments?: readonly Segment[] }
const idsIn = ({ id, subsegments = [] }: Segment): string[] => [...(id ? [id] : []), ...subsegments.flatMap(idsIn)]

/** The four vendors of one backend. */
export const startVendors = async () => {
  const sockets: Sockets = { open: 0, mostOpen: 0 }
  const { trusted: right, untrusted: wrong } = createTls()
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-faults-'))
  const authority = join(folder, 'authority.pem')
  writeFileSync(authority, right.cert)
  const secured = { tls: { right, wrong }, sockets }
  const vendors = {
    honeycomb: await startVendor(honeycomb, secured),
    rollbar: await startVendor(rollbar, secured),
    cloudwatch: await startVendor(cloudWatch(), secured),
    xray: await startVendor(xrayDaemon, { sockets }),
  }
  const datagrams = await startDatagrams((datagram) => {
    const [head = '', document = ''] = String(datagram).split('\n', 2)
    if ((JSON.parse(head) as { format: string }).format === 'json') vendors.xray.takeIn(idsIn(JSON.parse(document)))
  })
  const env: Record<VendorName, Record<string, string>> = {
    honeycomb: {
      OTEL_EXPORTER_OTLP_ENDPOINT: vendors.honeycomb.url,
      OTEL_EXPORTER_OTLP_HEADERS: `x-honeycomb-team=${keys.honeycomb}`,
      HONEYCOMB_API_KEY: keys.honeycomb,
      HONEYCOMB_API_ENDPOINT: vendors.honeycomb.url,
    },
    rollbar: { ROLLBAR_ENDPOINT: `${vendors.rollbar.url}/api/1/item/`, ROLLBAR_ACCESS_TOKEN: keys.rollbar },
    cloudwatch: { AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: vendors.cloudwatch.url, AWS_REGION: 'us-east-1' },
    xray: { AWS_XRAY_DAEMON_ADDRESS: `tcp:127.0.0.1:${vendors.xray.port} udp:127.0.0.1:${datagrams.port}` },
  }
  return {
    env: () => env,
    authority: () => authority,
    behave: async (name: VendorName, mode: Mode) => {
      if (name === 'xray') await datagrams.behaves(mode)
      await vendors[name].behaves(mode)
    },
    tally: () => ({
      all: { ...sockets },
      honeycomb: vendors.honeycomb.tally(),
      rollbar: vendors.rollbar.tally(),
      cloudwatch: vendors.cloudwatch.tally(),
      xray: vendors.xray.tally(),
    }),
    forgetPeaks: () => {
      sockets.mostOpen = sockets.open
      for (const vendor of Object.values(vendors)) vendor.forgetPeaks()
    },
    end: async () => {
      rmSync(folder, { recursive: true, force: true })
      await Promise.all([datagrams.stop(), ...Object.values(vendors).map((vendor) => vendor.stop())])
    },
  }
}

export type Vendors = Awaited<ReturnType<typeof startVendors>>
