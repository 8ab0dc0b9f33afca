import type { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import type { Readable } from 'node:stream'
import type AWSXRay from 'aws-xray-sdk-core'
import { loadVendor } from './load-vendor.ts'

type Sent = (error: Error | null) => void

type EmitterSocket = {
  readonly send: (data: Buffer, offset: number, length: number, port: number, address: string, sent: Sent) => void
}

export type SamplerConnection = {
  request: (
    options: { readonly path: string },
    onResponse: (response: Readable) => void,
  ) => EventEmitter & { write: (body: string) => void; end: () => void }
}

type SampleRequest = {
  readonly host?: string | undefined
  readonly httpMethod?: string | undefined
  readonly urlPath?: string | undefined
  readonly serviceName?: string | undefined
}

type Emitter = { socket?: EmitterSocket; send: (document: object) => void }
type Address = { udp_ip: string; udp_port: number; tcp_ip: string; tcp_port: number }
type Sampler = {
  readonly started: boolean
  readonly start: () => void
  readonly rulePoller: { readonly start: () => void }
  /** The name of the rule that keeps the request; `true` for the local rule. */
  readonly shouldSample: (request: SampleRequest) => string | boolean | undefined
}

/** The SDK, and parts inside it: its public API gives no control of socket, address and polling. */
type XraySdk = {
  readonly AWSXRay: typeof AWSXRay
  readonly emitter: Emitter
  readonly daemonAddress: Address
  readonly sampler: Sampler
  readonly samplerConnector: { httpClient: SamplerConnection }
}

let loaded: XraySdk | undefined

export const xraySdk = (): XraySdk => {
  loaded ??= load()
  return loaded
}

const load = (): XraySdk => {
  // The SDK reads this variable while it loads. Without it the SDK hooks into every asynchronous call of the process.
  Object.assign(process.env, { AWS_XRAY_MANUAL_MODE: 'true' })
  // The SDK must not see this address. It would throw if the address is wrong, and resolve its name for every datagram.
  const { AWS_XRAY_DAEMON_ADDRESS: hidden } = process.env
  delete process.env.AWS_XRAY_DAEMON_ADDRESS
  try {
    const [sdk] = loadVendor<[typeof AWSXRay]>('xray')
    const inside = createRequire(import.meta.url)
    const part = (path: string) => inside(`aws-xray-sdk-core/dist/lib/${path}`)
    return {
      AWSXRay: sdk,
      emitter: part('segment_emitter'),
      daemonAddress: part('daemon_config'),
      sampler: part('middleware/sampling/default_sampler'),
      samplerConnector: part('middleware/sampling/service_connector'),
    }
  } finally {
    if (hidden !== undefined) process.env.AWS_XRAY_DAEMON_ADDRESS = hidden
  }
}
