// Wired only from the documentation of each package: sdk-node's README, rollbar.com/docs/express,
// winston-cloudwatch's README, and aws-xray-sdk-core's "developing custom solutions".
import http from 'node:http'
import https from 'node:https'
import { register } from 'node:module'
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg'
import { NodeSDK } from '@opentelemetry/sdk-node'
import AWSXRay from 'aws-xray-sdk-core'
import Rollbar from 'rollbar'
import winston from 'winston'
import WinstonCloudWatch from 'winston-cloudwatch'

register('@opentelemetry/instrumentation/hook.mjs', import.meta.url)

const sdk = new NodeSDK({
  instrumentations: [new HttpInstrumentation(), new ExpressInstrumentation(), new PgInstrumentation()],
})
sdk.start()

process.on('SIGTERM', () => {
  sdk
    .shutdown()
    .then(
      () => console.log('SDK shut down successfully'),
      (error) => console.log('Error shutting down SDK', error),
    )
    .finally(() => process.exit(0))
})

if (process.env.AWS_XRAY_DAEMON_ADDRESS) {
  AWSXRay.captureHTTPsGlobal(http)
  AWSXRay.captureHTTPsGlobal(https)
}

export const rollbar = new Rollbar({
  accessToken: process.env.ROLLBAR_ACCESS_TOKEN,
  ...(process.env.ROLLBAR_ENDPOINT && { endpoint: process.env.ROLLBAR_ENDPOINT }),
  captureUncaught: true,
  captureUnhandledRejections: true,
} as Rollbar.Configuration)

const cloudWatch = new WinstonCloudWatch({
  logGroupName: 'stock',
  logStreamName: `stock-${process.pid}`,
  awsRegion: process.env.AWS_REGION,
} as ConstructorParameters<typeof WinstonCloudWatch>[0])

export const logger = winston.createLogger({
  format: winston.format.json(),
  transports: [new winston.transports.Console(), cloudWatch],
})

/** Not from the documentation: shows how many lines it holds in memory. */
export const heldLines = (): number => (cloudWatch as unknown as { logEvents: unknown[] }).logEvents.length

export { AWSXRay }
