export const vendors = ['honeycomb', 'xray', 'rollbar', 'cloudwatch'] as const
export type Vendor = (typeof vendors)[number]

export const vendorName: Record<Vendor, string> = {
  honeycomb: 'OTLP (Honeycomb)',
  xray: 'X-Ray',
  rollbar: 'Rollbar',
  cloudwatch: 'CloudWatch Logs',
}

/** Healthy, or one of the ways to fail. */
export const modes = ['healthy', 'refuse', 'hang', 'drip', '401', '429', '500'] as const
export type Mode = (typeof modes)[number]
export type Modes = Record<Vendor, Mode>
