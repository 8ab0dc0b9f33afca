import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createFrontendServer } from '../../frontend/server/frontend-server.ts'
import { readSite } from '../../frontend/server/static-files.ts'
import { withTestTimeouts } from '../../scripts/scratch-database.mjs'
import { createDatabase } from './database.ts'

const rooms = fileURLToPath(new URL('../../', import.meta.url))

export type Product = {
  /** The page's address. */
  url: string
  backendUrl: string
  databaseUrl: string
  observatoryUrl: string | null
  /** Process ids by name. */
  processes: Readonly<Record<string, number>>
  /** What the processes wrote to stdout and stderr. */
  output: () => string
  stop: () => Promise<void>
}

type Page = 'production' | 'built' | 'dev' | 'cross-origin' | 'without-telemetry'

type Options = {
  /** The built page, a new build with the `VITE_*` of `env`, Vite's dev server, or a build with one difference. */
  page?: Page
  env?: Record<string, string>
  /** The backend keeps its own timeouts for the database. A busy machine can reach them. */
  isOverloaded?: boolean
  /** Starts an observatory, too, which receives the product's telemetry. */
  observatory?: boolean
}

/** Starts the real backend and the real page on free ports. `env` says where their telemetry goes. */
export const startProduct = async (options: Options = {}): Promise<Product> => {
  const { page = 'production', env = {} } = options
  const database = await createDatabase()
  const [frontendPort, backendPort] = [await freePort(), await freePort()]
  const url = `http://localhost:${frontendPort}`
  const backendUrl = `http://localhost:${backendPort}`
  const observatory = options.observatory ? await startObservatory() : null
  const told = observatory && { OTEL_EXPORTER_OTLP_ENDPOINT: observatory.url }
  const common = {
    ...cleanEnvironment(),
    OTEL_BSP_SCHEDULE_DELAY: '200',
    ...told,
    FRONTEND_URL: url,
    BACKEND_URL: backendUrl,
    ...env,
  }

  const backend = run('backend', ['--import', './src/telemetry/start.ts', 'src/main.ts'], {
    ...common,
    PORT: String(backendPort),
    DATABASE_URL: options.isOverloaded ? database.url : withTestTimeouts(database.url),
    DEMO_PEOPLE: 'true',
  })
  const frontend = await startPage[page](common)
  const running = { backend, frontend, ...(observatory && { observatory }) }
  const output = (): string =>
    Object.values(running)
      .map((one) => one.output())
      .join('')
  const end = async (): Promise<void> => {
    await Promise.all(Object.values(running).map((one) => one.stop()))
    await database.drop()
  }
  let ended: Promise<void> | undefined
  /** A test may stop the product early, to make it send what is still queued. */
  const stop = (): Promise<void> => {
    ended ??= end()
    return ended
  }
  try {
    await answers(`${backendUrl}/api/activities/home`, output)
    await answers(url, output)
  } catch (error) {
    await stop()
    throw error
  }
  const processes = Object.fromEntries(Object.entries(running).map(([name, { pid = process.pid }]) => [name, pid]))
  return {
    url,
    backendUrl,
    databaseUrl: database.url,
    observatoryUrl: observatory?.url ?? null,
    processes,
    output,
    stop,
  }
}

const startObservatory = async (): Promise<Running & { url: string }> => {
  const [port, xrayPort] = [await freePort(), await freePort()]
  const ports = { OBSERVATORY_PORT: String(port), OBSERVATORY_XRAY_PORT: String(xrayPort) }
  return {
    ...run('observatory', ['src/main.ts'], { ...cleanEnvironment(), ...ports }),
    url: `http://localhost:${port}`,
  }
}

type Running = { output: () => string; stop: () => Promise<void>; pid?: number | undefined }
type Environment = NodeJS.ProcessEnv & { FRONTEND_URL: string; BACKEND_URL: string }

const vite = '../node_modules/vite/bin/vite.js'

const startPage: Record<Page, (env: Environment) => Promise<Running>> = {
  production: async (env) => run('frontend', ['server/main.ts'], env),
  built: (env) => buildAndServe(env),
  dev: async (env) => run('frontend', [vite], env),
  'cross-origin': (env) => buildAndServe({ ...env, VITE_BACKEND_URL: env.BACKEND_URL }),
  'without-telemetry': (env) => buildAndServe(env, withoutTelemetry),
}

export const withoutTelemetry = ['--config', '../bench/vite.without-telemetry.config.ts']

/** Builds the page into a new folder. Does not touch the build of `npm start`. */
export const buildPage = async (env: NodeJS.ProcessEnv, args: string[] = []): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-page-'))
  const build = run('frontend', [vite, 'build', '--outDir', folder, '--emptyOutDir', ...args], env)
  if ((await build.ended) !== 0) throw new Error(`The page could not be built.\n${build.output()}`)
  return folder
}

const buildAndServe = async (env: Environment, args: string[] = []): Promise<Running> => {
  const folder = await buildPage(env, args)
  const site = await readSite(pathToFileURL(`${folder}/`))
  if (!site) throw new Error(`There is no page in ${folder}.`)
  const server = createFrontendServer({ site, backendUrl: new URL(env.BACKEND_URL), isTls: false })
  await once(server.listen(Number(new URL(env.FRONTEND_URL).port), '127.0.0.1'), 'listening')
  const stop = async (): Promise<void> => {
    server.close()
    server.closeAllConnections()
    await rm(folder, { recursive: true })
  }
  return { output: () => '', stop }
}

const run = (room: string, args: string[], env: NodeJS.ProcessEnv): Running & { ended: Promise<number | null> } => {
  const child = spawn(process.execPath, args, { cwd: `${rooms}${room}`, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk))
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await ended
  }
  return { output: () => text, ended, stop, pid: child.pid }
}

/** The environment without the developer's own keys and endpoints. */
export const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(OTEL_|HONEYCOMB_|AWS_|ROLLBAR_|VITE_|NODE_TEST)/.test(name)),
  )

/** Below the ports that the system gives to other tests, which could take this one before it is used. */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    const server = createServer()
    const isFree = await once(server.listen(port, '127.0.0.1'), 'listening').then(
      () => true,
      () => false,
    )
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
}

export const answers = async (url: string, output: () => string = () => ''): Promise<void> => {
  const giveUpAt = Date.now() + 90_000
  while (Date.now() < giveUpAt) {
    const response = await fetch(url).catch(() => null)
    await response?.arrayBuffer()
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`${url} does not answer.\n${output()}`)
}
