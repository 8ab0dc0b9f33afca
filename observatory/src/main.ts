#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { createObservatory } from './observatory.ts'

const help = `Usage: observatory [options]

Shows the traces of any application that speaks OTLP over HTTP, on this machine only.
It also stands in for X-Ray, Rollbar and CloudWatch Logs. What it receives stays in memory.

  --port <port>       the page, its API, OTLP, Rollbar and CloudWatch Logs (OBSERVATORY_PORT, default 4318)
  --xray-port <port>  the X-Ray daemon, UDP and TCP (OBSERVATORY_XRAY_PORT, default 2000)
  --help              these lines

In your application: OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
`

const fail = (reason: string): never => {
  process.stderr.write(`${reason}\n`)
  process.exit(1)
}

const readOptions = () => {
  const text = { type: 'string' } as const
  try {
    return parseArgs({ options: { port: text, 'xray-port': text, help: { type: 'boolean', short: 'h' } } }).values
  } catch (error) {
    return fail(`${(error as Error).message.split('\n')[0]} See observatory --help.`)
  }
}
const options = readOptions()
if (options.help) {
  process.stdout.write(help)
  process.exit()
}

type PortSetting = { option: 'port' | 'xray-port'; variable: string; defaultPort: string }

/** An option wins over its variable. */
const readPort = ({ option, variable, defaultPort }: PortSetting) => {
  const fromEnvironment = process.env[variable] || undefined
  const given = options[option] ?? fromEnvironment
  const name = options[option] === undefined && fromEnvironment ? variable : `--${option}`
  const port = Number(given ?? defaultPort)
  if (given !== undefined && !(/^\d+$/.test(given) && port <= 65_535))
    fail(`${name} is “${given}”, which is not a port.`)
  return { port, name, isChosen: given !== undefined }
}
const http = readPort({ option: 'port', variable: 'OBSERVATORY_PORT', defaultPort: '4318' })
const xray = readPort({ option: 'xray-port', variable: 'OBSERVATORY_XRAY_PORT', defaultPort: '2000' })

const reasonOf = ({ code, message }: NodeJS.ErrnoException, { port, name }: { port: number; name: string }): string =>
  code === 'EADDRINUSE'
    ? `Port ${port} is in use. Stop the program that uses it, or choose another port with ${name}.`
    : `The observatory cannot listen on port ${port}: ${message}`

const { server, daemon, close } = createObservatory()

server.once('error', (error) => fail(reasonOf(error, http)))
server.listen(http.port, '127.0.0.1', async () => {
  const address = server.address()
  process.stdout.write(
    `the observatory listens on http://localhost:${typeof address === 'object' ? address?.port : http.port}\n`,
  )
  try {
    process.stdout.write(
      `the observatory's X-Ray listens on 127.0.0.1:${await daemon.listen(xray.port)}, UDP and TCP\n`,
    )
  } catch (error) {
    const reason = reasonOf(error as Error, xray)
    // If the default port is in use, everything else still works. But a port that was set must be free.
    if (xray.isChosen) fail(reason)
    process.stderr.write(`${reason} The observatory runs without X-Ray.\n`)
  }
})

let isEnding = false
const end = () => {
  if (isEnding) return
  isEnding = true
  void close().then(() => process.exit(0))
}
process.on('SIGTERM', end)
process.on('SIGINT', end)
process.on('disconnect', end)
