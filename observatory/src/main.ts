import { createObservatory } from './observatory.ts'

const complain = (words: string): never => {
  process.stderr.write(`${words}\n`)
  process.exit(1)
}

const portIn = (variable: string, otherwise: string): number => {
  const given = process.env[variable] || otherwise
  const port = Number(given)
  if (!(/^\d+$/.test(given) && port <= 65_535)) complain(`${variable} is “${given}”, which is no port.`)
  return port
}
const port = portIn('OBSERVATORY_PORT', '4318')
const xrayPort = portIn('OBSERVATORY_XRAY_PORT', '2000')

const { FRONTEND_URL } = process.env
const { server, daemon, close } = createObservatory(
  FRONTEND_URL && /^https?:/.test(FRONTEND_URL) ? { appUrl: FRONTEND_URL } : {},
)

server.once('error', (error: NodeJS.ErrnoException) =>
  complain(
    error.code === 'EADDRINUSE'
      ? `Port ${port} is taken: end what listens there, or move the observatory with OBSERVATORY_PORT.`
      : `The observatory cannot listen on port ${port}: ${error.message}`,
  ),
)
server.listen(port, '127.0.0.1', async () => {
  const address = server.address()
  process.stdout.write(`observatory on http://localhost:${typeof address === 'object' ? address?.port : port}\n`)
  try {
    process.stdout.write(`X-Ray on 127.0.0.1:${await daemon.listen(xrayPort)}, UDP and TCP\n`)
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
        ? `Port ${xrayPort} is taken, perhaps by an X-Ray daemon: end what listens there, or move the observatory's X-Ray with OBSERVATORY_XRAY_PORT.`
        : `The observatory cannot listen on port ${xrayPort} for X-Ray: ${(error as Error).message}`
    // Who asked for this very port counts on it; else the other three vendors are worth having without it.
    if (process.env.OBSERVATORY_XRAY_PORT) complain(why)
    process.stderr.write(`${why}\n`)
  }
})

let ending = false
const end = () => {
  if (ending) return
  ending = true
  void close().then(() => process.exit(0))
}
process.on('SIGTERM', end)
process.on('SIGINT', end)
process.on('disconnect', end)
