import type { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import type { Readable } from 'node:stream'

// The SDK reads this variable while it loads. Without it the SDK hooks into every asynchronous call of the process.
Object.assign(process.env, { AWS_XRAY_MANUAL_MODE: 'true' })

// The SDK must not see this address. It would throw if the address is wrong, and resolve its name for every datagram.
const { AWS_XRAY_DAEMON_ADDRESS: hidden } = process.env
delete process.env.AWS_XRAY_DAEMON_ADDRESS
export const { default: AWSXRay } = await import('aws-xray-sdk-core')
if (hidden !== undefined) process.env.AWS_XRAY_DAEMON_ADDRESS = hidden

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

const inside = createRequire(import.meta.url)
const part = (path: string) => inside(`aws-xray-sdk-core/dist/lib/${path}`)

/** Parts inside the SDK: its public API gives no control of socket, address and polling. */
export const emitter: Emitter = part('segment_emitter')
export const daemonAddress: Address = part('daemon_config')
export const sampler: Sampler = part('middleware/sampling/default_sampler')
export const samplerConnector: { httpClient: SamplerConnection } = part('middleware/sampling/service_connector')
