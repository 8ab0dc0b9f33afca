import http from 'node:http'
import https from 'node:https'
import type * as CredentialChain from '@aws-sdk/credential-provider-node'
import type * as Checksum from '@smithy/core/checksum'
import type * as Signer from '@smithy/signature-v4'
import { loadVendor } from './load-vendor.ts'
import { type OtlpSettings, otlpSpanProcessor, type Sign } from './otlp.ts'
import { otlpLogProcessor } from './otlp-logs.ts'
import { reasonFor, type Signal } from './signal.ts'

export type AwsPlace = {
  readonly region: string | undefined
  /** Another address, without the path. */
  readonly endpoint: string | undefined
  /** An API key of the service. Without it each request is signed. */
  readonly apiKey: string | undefined
}

const timeoutMillis = 10_000
const pathOf = { xray: '/v1/traces', logs: '/v1/logs' }

/** X-Ray takes 5 MB and 10,000 spans in a request, and 200 kB in a span. */
const xrayLimits = { itemBytes: 200_000 }
/** CloudWatch Logs takes 1 MB in a request. The queue counts more bytes than it sends. */
const logLimits = { batchBytes: 900_000 }

/** Sends spans to X-Ray without a daemon. Server and browser have a queue each. */
export const xrayOverOtlp = (signal: Signal, place: AwsPlace) => {
  const settings = awsOtlpSettings('xray', place)
  signal.setDestination({ destination: settings.url, because: reasonFor('AWS_XRAY_ROAD') })
  const open = () => otlpSpanProcessor({ signal, settings, limits: xrayLimits })
  const [server, browser] = [open(), open()]
  return {
    server,
    browser,
    close: async (deadlineMs: number) => {
      await Promise.all([server.shutdown(deadlineMs), browser.shutdown(deadlineMs)])
    },
  }
}

type LogPlace = AwsPlace & { readonly logGroup: string; readonly logStream: string }

/** Sends log lines to CloudWatch Logs without winston-cloudwatch. Group and stream must exist. */
export const logsOverOtlp = (signal: Signal, { logGroup, logStream, ...place }: LogPlace) => {
  const names = { 'x-aws-log-group': logGroup, 'x-aws-log-stream': logStream }
  const settings = awsOtlpSettings('logs', place, names)
  const destination = `${settings.url} › ${logGroup} › ${logStream}`
  signal.setDestination({ destination, because: reasonFor('AWS_LOGS_ROAD') })
  return otlpLogProcessor({ signal, settings, limits: logLimits })
}

const awsOtlpSettings = (
  service: 'xray' | 'logs',
  { region = 'us-east-1', endpoint, apiKey }: AwsPlace,
  headers: Readonly<Record<string, string>> = {},
): OtlpSettings => ({
  url: (endpoint ?? `https://${service}.${region}.${domainOf(region)}`).replace(/\/$/, '') + pathOf[service],
  headers: async () => ({ ...headers, ...(apiKey !== undefined && { Authorization: `Bearer ${apiKey}` }) }),
  // The signature covers the bytes that are sent.
  compression: 'none',
  timeoutMillis,
  agentFactory: (protocol) => new (protocol === 'https:' ? https : http).Agent({ keepAlive: true }),
  ...(apiKey === undefined && { sign: signerOf(service, region) }),
})

const domainOf = (region: string): string => (region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com')

/** The AWS SDK's own signer and its chain of credentials: environment, profile, role. */
const signerOf = (service: string, region: string): Sign => {
  const [{ SignatureV4 }, { Sha256 }, { defaultProvider }] =
    loadVendor<[typeof Signer, typeof Checksum, typeof CredentialChain]>('awsSigner')
  const signer = new SignatureV4({ service, region, sha256: Sha256, credentials: defaultProvider() })
  return async ({ url, headers, body }) => {
    const { protocol, host, hostname, port, pathname: path } = new URL(url)
    const request = { method: 'POST', protocol, hostname, ...(port && { port: Number(port) }), path, query: {} }
    const signed = await signer.sign({ ...request, headers: { ...headers, host }, body })
    return signed.headers
  }
}
