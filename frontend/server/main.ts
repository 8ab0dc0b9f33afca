import { frontendAddress } from './address.ts'
import { networksOf } from './forwarded-for.ts'
import { createFrontendServer } from './frontend-server.ts'
import { readSite } from './static-files.ts'
import { openHops } from './telemetry/hops.ts'

const refuse = (words: string): never => {
  process.stderr.write(`${words}\n`)
  process.exit(1)
}

const wellFormed = (name: string, value: string): URL =>
  URL.canParse(value) && /^https?:/.test(value) ? new URL(value) : refuse(`${name} is no http(s) address: ${value}`)

const frontendUrl = wellFormed('FRONTEND_URL', process.env.FRONTEND_URL || 'http://localhost:3000')
const backendUrl = wellFormed(
  'BACKEND_URL',
  process.env.BACKEND_URL || `http://localhost:${process.env.PORT || '4567'}`,
)
const trustedProxies =
  networksOf(process.env.TRUSTED_PROXIES ?? '') ??
  refuse('TRUSTED_PROXIES must list addresses, networks (10.0.0.0/8), loopback, linklocal or uniquelocal.')
const { host, port } = frontendAddress(frontendUrl, process.env.HOST)

const site =
  (await readSite(new URL('../dist/', import.meta.url))) ?? refuse('The page is not built yet: npm run build makes it.')

const hops = openHops(backendUrl, site.version, process.env)
const isTls = frontendUrl.protocol === 'https:'
const stopping = new AbortController()
const server = createFrontendServer({ site, backendUrl, isTls, trustedProxies, hops, stopping: stopping.signal })

server.once('error', (error: NodeJS.ErrnoException) =>
  refuse(
    error.code === 'EADDRINUSE'
      ? `Port ${port} is taken: set FRONTEND_URL to move the page elsewhere, e.g. http://localhost:${port + 1}`
      : `The page cannot be served at ${host}:${port}: ${error.message}`,
  ),
)
server.listen(port, host, () => process.stdout.write(`Page at ${frontendUrl.origin}\n`))

// Longer than the backend takes for any answer.
const unfinishedMs = 5_000
// A terminal's Ctrl-C reaches this process directly and once more through whoever started it.
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
  // A kept-alive connection becomes idle when its answer is out, and would then wait for one more request.
  setInterval(() => server.closeIdleConnections(), 50).unref()
  setTimeout(() => server.closeAllConnections(), unfinishedMs).unref()
  await closed
  await hops.close()
  process.exit(0)
}
process.on('SIGTERM', stop).on('SIGINT', stop).on('disconnect', stop)
