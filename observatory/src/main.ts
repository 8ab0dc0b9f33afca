import { createObservatory } from './observatory.ts'

const complain = (words: string): never => {
  process.stderr.write(`${words}\n`)
  process.exit(1)
}

const given = process.env.OBSERVATORY_PORT || '4318'
const port = Number(given)
if (!(/^\d+$/.test(given) && port <= 65_535)) complain(`OBSERVATORY_PORT is “${given}”, which is no port.`)

const { FRONTEND_URL } = process.env
const { server, close } = createObservatory(
  FRONTEND_URL && /^https?:/.test(FRONTEND_URL) ? { appUrl: FRONTEND_URL } : {},
)

server.once('error', (error: NodeJS.ErrnoException) =>
  complain(
    error.code === 'EADDRINUSE'
      ? `Port ${port} is taken: end what listens there, or move the observatory with OBSERVATORY_PORT.`
      : `The observatory cannot listen on port ${port}: ${error.message}`,
  ),
)
server.listen(port, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`observatory on http://localhost:${typeof address === 'object' ? address?.port : port}\n`)
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
