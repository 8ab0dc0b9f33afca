import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTls } from '@cruddur/vendor-doubles/certificate'
import { cloudWatchProtocol } from '@cruddur/vendor-doubles/cloudwatch'
import type { FaultName } from '@cruddur/vendor-doubles/fault'
import { honeycombProtocol } from '@cruddur/vendor-doubles/honeycomb'
import { itemPath, rollbarProtocol } from '@cruddur/vendor-doubles/rollbar'
import { type SocketCount, startServer } from '@cruddur/vendor-doubles/server'
import { type Segment, startDaemon } from '@cruddur/vendor-doubles/xray'

export const vendorNames = ['honeycomb', 'rollbar', 'cloudwatch', 'xray'] as const
export type VendorName = (typeof vendorNames)[number]

export const faults = ['closed', 'black hole', 'drip', '401', '429', '500', 'HTML 502', 'bad TLS'] as const
export type Fault = (typeof faults)[number]

export const keys = { honeycomb: 'key-of-a-test', rollbar: 'token-of-a-test', aws: 'AKIDOFATEST' }

type Tally = {
  readonly taken: number
  /** Received more than once. */
  readonly takenTwice: number
  /** From the end of the last fault to the first delivery. null: nothing has been delivered since. */
  readonly resumedAfterMs: number | null
}

/** Counts what a vendor receives. Keeping all of it would fill the memory. */
const createTally = () => {
  const ids = new Set<string>()
  let count: Tally = { taken: 0, takenTwice: 0, resumedAfterMs: null }
  let isHealthy = true
  let healthySince = performance.now()
  return {
    now: () => count,
    take: (id: string) => {
      count = {
        taken: count.taken + 1,
        takenTwice: count.takenTwice + (ids.has(id) ? 1 : 0),
        resumedAfterMs: count.resumedAfterMs ?? (isHealthy ? performance.now() - healthySince : null),
      }
      ids.add(id)
    },
    setHealthy: (next: boolean) => {
      if (next && !isHealthy) {
        healthySince = performance.now()
        count = { ...count, resumedAfterMs: null }
      }
      isHealthy = next
    },
  }
}

const idsIn = ({ id, subsegments = [] }: Segment): string[] => [id, ...subsegments.flatMap(idsIn)]

/** The four vendors of one backend. All but the X-Ray daemon speak TLS. */
export const startVendors = async () => {
  const allSockets: SocketCount = { open: 0, mostOpen: 0 }
  const tls = createTls()
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-faults-'))
  const authority = join(folder, 'authority.pem')
  writeFileSync(authority, tls.trusted.cert)
  const tallies = {
    honeycomb: createTally(),
    rollbar: createTally(),
    cloudwatch: createTally(),
    xray: createTally(),
  }
  const protocols = {
    honeycomb: honeycombProtocol(
      { span: ({ traceId, spanId }) => tallies.honeycomb.take(`${traceId} ${spanId}`) },
      { key: keys.honeycomb },
    ),
    rollbar: rollbarProtocol({ item: ({ uuid }) => tallies.rollbar.take(uuid) }, { token: keys.rollbar }),
    cloudwatch: cloudWatchProtocol({ line: ({ id }) => tallies.cloudwatch.take(id) }),
  }
  const vendors = {
    honeycomb: await startServer(protocols.honeycomb, { tls, allSockets }),
    rollbar: await startServer(protocols.rollbar, { tls, allSockets }),
    cloudwatch: await startServer(protocols.cloudwatch, { tls, allSockets }),
    xray: await startDaemon({ segment: (segment) => idsIn(segment).forEach(tallies.xray.take) }, { allSockets }),
  }
  const env: Record<VendorName, Record<string, string>> = {
    honeycomb: {
      OTEL_EXPORTER_OTLP_ENDPOINT: vendors.honeycomb.url,
      OTEL_EXPORTER_OTLP_HEADERS: `x-honeycomb-team=${keys.honeycomb}`,
      HONEYCOMB_API_KEY: keys.honeycomb,
      HONEYCOMB_API_ENDPOINT: vendors.honeycomb.url,
    },
    rollbar: { ROLLBAR_ENDPOINT: vendors.rollbar.url + itemPath, ROLLBAR_ACCESS_TOKEN: keys.rollbar },
    cloudwatch: { AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: vendors.cloudwatch.url, AWS_REGION: 'us-east-1' },
    xray: { AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${vendors.xray.port}` },
  }
  return {
    env: () => env,
    authority: () => authority,
    setFault: (name: VendorName, fault: FaultName | null) => {
      vendors[name].fault = fault
      tallies[name].setHealthy(fault === null)
    },
    tally: (name: VendorName) => tallies[name].now(),
    mostSockets: () => allSockets.mostOpen,
    forgetMostSockets: () => {
      allSockets.mostOpen = allSockets.open
    },
    end: async () => {
      rmSync(folder, { recursive: true, force: true })
      await Promise.all(Object.values(vendors).map((vendor) => vendor.stop()))
    },
  }
}
