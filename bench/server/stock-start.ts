// The stock arms: NodeSDK with its own exporter, and beside it the other three vendors' packages when BENCH_VENDORS is set.
import http from 'node:http'
import https from 'node:https'
import { createRequire, register } from 'node:module'
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { NodeSDK } from '@opentelemetry/sdk-node'
import type AWSXRayPackage from 'aws-xray-sdk-core'
import type RollbarPackage from 'rollbar'
import type WinstonPackage from 'winston'
import type WinstonCloudWatchPackage from 'winston-cloudwatch'

register('@opentelemetry/instrumentation/hook.mjs', import.meta.url)
const sdk = new NodeSDK({
  instrumentations: [
    new HttpInstrumentation(),
    new ExpressInstrumentation(),
    new PgInstrumentation(),
    new UndiciInstrumentation(),
  ],
})
sdk.start()

const openVendors = () => {
  const require = createRequire(import.meta.url)
  const AWSXRay: typeof AWSXRayPackage = require('aws-xray-sdk-core')
  const Rollbar: typeof RollbarPackage = require('rollbar')
  const winston: typeof WinstonPackage = require('winston')
  const WinstonCloudWatch: typeof WinstonCloudWatchPackage = require('winston-cloudwatch')
  AWSXRay.captureHTTPsGlobal(http)
  AWSXRay.captureHTTPsGlobal(https)
  const { ROLLBAR_ACCESS_TOKEN: accessToken, ROLLBAR_ENDPOINT: endpoint } = process.env
  const rollbar = new Rollbar({
    accessToken,
    endpoint,
    captureUncaught: true,
    captureUnhandledRejections: true,
  } as RollbarPackage.Configuration)
  const cloudWatch = new WinstonCloudWatch({
    logGroupName: 'bench',
    logStreamName: `bench-${process.pid}`,
    awsRegion: process.env.AWS_REGION ?? '',
    jsonMessage: true,
  })
  const logger = winston.createLogger({
    defaultMeta: { service: 'bench', env: 'bench' },
    format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
    transports: [new winston.transports.Console(), cloudWatch],
  })
  return { AWSXRay, rollbar, logger }
}

export const fourVendors = process.env.BENCH_VENDORS ? openVendors() : null
