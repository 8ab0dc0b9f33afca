import { frontendAddress } from './address.ts'
import { networksOf } from './forwarded-for.ts'
import { createFrontendServer } from './frontend-server.ts'
import { readSite } from './static-files.ts'

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

const server = createFrontendServer({ site, backendUrl, isTls: frontendUrl.protocol === 'https:', trustedProxies })

server.once('error', (error: NodeJS.ErrnoException) =>
  refuse(
    error.code === 'EADDRINUSE'
      ? `Port ${port} is taken: set FRONTEND_URL to move the page elsewhere, e.g. http://localhost:${port + 1}`
      : `The page cannot be served at ${host}:${port}: ${error.message}`,
  ),
)
server.listen(port, host, () => process.stdout.write(`Page at ${frontendUrl.origin}\n`))

const unfinishedMs = 3_000
const close = () => {
  // An open channel to the parent would keep the process.
  if (process.connected) process.disconnect()
  server.close()
  server.closeIdleConnections()
  setTimeout(() => server.closeAllConnections(), unfinishedMs).unref()
}
process.once('SIGTERM', close).once('SIGINT', close).once('disconnect', close)
