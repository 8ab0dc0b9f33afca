import { networksOf } from './forwarded-for.ts'
import { createFrontendServer, frontendAddress } from './frontend-server.ts'
import { readSite } from './static-files.ts'
import { openHops } from './telemetry/hops.ts'

const refuse = (message: string): never => {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

const httpUrl = (name: string, value: string): URL =>
  URL.canParse(value) && /^https?:/.test(value)
    ? new URL(value)
    : refuse(`${name} must be an http(s) address, not ${value}`)

const frontendUrl = httpUrl('FRONTEND_URL', process.env.FRONTEND_URL || 'http://localhost:3000')
const backendUrl = httpUrl('BACKEND_URL', process.env.BACKEND_URL || `http://localhost:${process.env.PORT || '4567'}`)
const trustedProxies =
  networksOf(process.env.TRUSTED_PROXIES ?? '') ??
  refuse('TRUSTED_PROXIES must list addresses, networks (10.0.0.0/8), loopback, linklocal or uniquelocal.')
const { host, port } = frontendAddress(frontendUrl, process.env.HOST)

const site =
  (await readSite(new URL('../dist/', import.meta.url))) ?? refuse('The page is not built yet. Run npm run build.')

const hops = openHops(backendUrl, site.version, process.env)
const isTls = frontendUrl.protocol === 'https:'
const stopping = new AbortController()
const server = createFrontendServer({ site, backendUrl, isTls, trustedProxies, hops, stopping: stopping.signal })

server.once('error', (error: NodeJS.ErrnoException) =>
  refuse(
    error.code === 'EADDRINUSE'
      ? `Port ${port} is in use. Set FRONTEND_URL to another address, e.g. http://localhost:${port + 1}`
      : `Cannot listen on ${host}:${port}: ${error.message}`,
  ),
)
server.listen(port, host, () => process.stdout.write(`the frontend listens on http://localhost:${port}\n`))

// Longer than the backend takes for any answer.
const openAnswersMs = 5_000
// Ctrl-C in a terminal reaches this process twice: directly, and through the process that started it.
const sameSignalMs = 500

let stoppingSince: number | undefined
const stop = async () => {
  if (stoppingSince !== undefined) {
    if (performance.now() - stoppingSince > sameSignalMs) process.exit(1)
    return
  }
  stoppingSince = performance.now()
  const closed = new Promise((resolve) => server.close(resolve))
  stopping.abort()
  // After its answer a kept-alive connection would stay open for another request.
  setInterval(() => server.closeIdleConnections(), 50).unref()
  setTimeout(() => server.closeAllConnections(), openAnswersMs).unref()
  await closed
  await hops.close()
  process.exit(0)
}
process.on('SIGTERM', stop).on('SIGINT', stop).on('disconnect', stop)
