import { createApp } from './app.ts'
import { openStorage } from './db/storage.ts'
import { type Env, readEnv, WrongEnvironment } from './env.ts'
import { traceLinkTemplateOf } from './health/trace-link.ts'
import { rateLimits } from './http/rate-limits.ts'
import { drain, serverFor } from './http/server.ts'
import { openLive } from './live/live.service.ts'
import { honeycombPlace, log, shutdownTracing, signals, version } from './telemetry/index.ts'

const deadlineMs = { drain: 5_000, flush: 3_000, close: 1_000 }
// Ctrl-C reaches this process from the terminal and again from its parent.
const sameSignalMs = 500

const refuse = (line: string): never => {
  process.stderr.write(`${line}\n`)
  process.exit(1)
}

const environment = (): Env => {
  try {
    return readEnv(process.env)
  } catch (error) {
    if (error instanceof WrongEnvironment) return refuse(error.message)
    throw error
  }
}

const env = environment()
const storage = openStorage({ url: env.DATABASE_URL, demoPeople: env.DEMO_PEOPLE })
const live = openLive({ url: env.DATABASE_URL, ready: storage.ready })
const server = serverFor(
  createApp({
    frontendUrl: env.FRONTEND_URL,
    version: version(),
    demoPeople: env.DEMO_PEOPLE,
    trustedProxies: env.TRUSTED_PROXIES,
    rateLimits: rateLimits({ requests: env.REQUESTS_PER_MINUTE, writes: env.WRITES_PER_MINUTE }),
    traceLinkTemplate: () => traceLinkTemplateOf(env.TRACE_LINK_TEMPLATE, honeycombPlace()),
    storage,
    live,
  }),
)

let stoppingSince: number | undefined
const stop = async () => {
  if (stoppingSince !== undefined) {
    if (performance.now() - stoppingSince > sameSignalMs) process.exit(1)
    return
  }
  stoppingSince = performance.now()
  storage.retire()
  // Streams never end by themselves: the drain would wait for them until its deadline.
  const liveClosed = live.close()
  await drain(server, deadlineMs.drain)
  await shutdownTracing(deadlineMs.flush)
  setTimeout(() => process.exit(0), deadlineMs.close)
  await Promise.all([liveClosed, storage.close()])
  process.exit(0)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
process.on('disconnect', stop)

server.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EADDRINUSE') throw error
  refuse(`Port ${env.PORT} is in use. Set PORT to another one.`)
})
server.listen(env.PORT, env.HOST, () => {
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : env.PORT
  log.info(`the backend listens on http://localhost:${port}`)
})
await live.ready
if (stoppingSince === undefined) {
  for (const { name, destination, because } of signals()) log.info(`${name} → ${destination ?? 'off'}: ${because}`)
  log.info('the backend is ready')
}
