import { createObservatory } from './observatory.ts'

const fail = (reason: string): never => {
  process.stderr.write(`${reason}\n`)
  process.exit(1)
}

const portIn = (variable: string, defaultPort: string): number => {
  const given = process.env[variable] || defaultPort
  const port = Number(given)
  if (!(/^\d+$/.test(given) && port <= 65_535)) fail(`${variable} is “${given}”, which is not a port.`)
  return port
}
const port = portIn('OBSERVATORY_PORT', '4318')
const xrayPort = portIn('OBSERVATORY_XRAY_PORT', '2000')

const reasonOf = ({ code, message }: NodeJS.ErrnoException, wanted: number, variable: string): string =>
  code === 'EADDRINUSE'
    ? `Port ${wanted} is in use. Stop the program that uses it, or choose another port with ${variable}.`
    : `The observatory cannot listen on port ${wanted}: ${message}`

const { FRONTEND_URL } = process.env
const { server, daemon, close } = createObservatory(
  FRONTEND_URL && /^https?:/.test(FRONTEND_URL) ? { appUrl: FRONTEND_URL } : {},
)

server.once('error', (error) => fail(reasonOf(error, port, 'OBSERVATORY_PORT')))
server.listen(port, '127.0.0.1', async () => {
  const address = server.address()
  process.stdout.write(
    `the observatory listens on http://localhost:${typeof address === 'object' ? address?.port : port}\n`,
  )
  try {
    process.stdout.write(`the observatory's X-Ray listens on 127.0.0.1:${await daemon.listen(xrayPort)}, UDP and TCP\n`)
  } catch (error) {
    const reason = reasonOf(error as Error, xrayPort, 'OBSERVATORY_XRAY_PORT')
    // If the default port is in use, the other three vendors still work. A port from the environment must be free.
    if (process.env.OBSERVATORY_XRAY_PORT) fail(reason)
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
