import { createRequire } from 'node:module'
import { WrongEnvironment } from '../settings.ts'

// Synchronous, because the vendor must be open before the application is loaded.
const require = createRequire(import.meta.url)

const packagesOf = {
  rollbar: { names: ['rollbar'], because: 'ROLLBAR_ACCESS_TOKEN is set' },
  xray: { names: ['aws-xray-sdk-core'], because: 'AWS_XRAY_DAEMON_ADDRESS is set' },
  cloudWatch: {
    names: ['winston', 'winston-cloudwatch', '@aws-sdk/client-cloudwatch-logs'],
    because: 'a log group in CloudWatch is set',
  },
  awsSigner: {
    names: ['@smithy/signature-v4', '@smithy/core/checksum', '@aws-sdk/credential-provider-node'],
    because: 'AWS_XRAY_ROAD or AWS_LOGS_ROAD is otlp and has no API key',
  },
}

/** Loads the packages of a vendor that is configured. An application without that vendor does not install them. */
export const loadVendor = <Modules extends readonly unknown[]>(vendor: keyof typeof packagesOf): Modules => {
  const { names, because } = packagesOf[vendor]
  const missing = names.filter((name) => !isInstalled(name)).map(packageOf)
  if (missing.length > 0) {
    throw new WrongEnvironment(
      `The tracing needs ${missing.join(' and ')}, because ${because}. Run: npm install ${missing.join(' ')}`,
    )
  }
  return names.map((name) => require(name)) as unknown as Modules
}

/** `@smithy/core/checksum` is a part of `@smithy/core`. */
const packageOf = (name: string): string => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name

const isInstalled = (name: string): boolean => {
  try {
    require.resolve(name)
    return true
  } catch {
    return false
  }
}
