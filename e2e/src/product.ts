import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createDatabase } from './database.ts'

const rooms = fileURLToPath(new URL('../../', import.meta.url))

export type Product = {
  /** Where the page is. */
  url: string
  backendUrl: string
  databaseUrl: string
  /** What backend and frontend wrote to stdout and stderr. */
  output: () => string
  stop: () => Promise<void>
}

type Options = {
  /** `dev`: Vite's dev server with StrictMode's double effects; `production`: the built page and its own server. */
  page?: 'production' | 'dev'
  env?: Record<string, string>
}

/** The real backend and the real page on free ports, telling their spans to whatever `env` names. */
export const startProduct = async ({ page = 'production', env = {} }: Options = {}): Promise<Product> => {
  const database = await createDatabase()
  const [frontendPort, backendPort] = [await freePort(), await freePort()]
  const url = `http://localhost:${frontendPort}`
  const backendUrl = `http://localhost:${backendPort}`
  const common = { ...cleanEnvironment(), FRONTEND_URL: url, BACKEND_URL: backendUrl, ...env }
  if (env.VITE_BACKEND_URL === 'cross-origin') common.VITE_BACKEND_URL = backendUrl

  const backend = run('backend', ['--import', './src/telemetry/start.ts', 'src/main.ts'], {
    ...common,
    PORT: String(backendPort),
    DATABASE_URL: database.url,
    DEMO_PEOPLE: 'true',
    OTEL_BSP_SCHEDULE_DELAY: '200',
  })
  const frontend =
    page === 'production'
      ? run('frontend', ['server/main.ts'], common)
      : run('frontend', ['../node_modules/vite/bin/vite.js'], common)
  const output = (): string => backend.output() + frontend.output()
  const stop = async (): Promise<void> => {
    await Promise.all([frontend.stop(), backend.stop()])
    await database.drop()
  }
  try {
    await answers(`${backendUrl}/api/activities/home`, output)
    await answers(url, output)
  } catch (error) {
    await stop()
    throw error
  }
  return { url, backendUrl, databaseUrl: database.url, output, stop }
}

type Running = { child: ChildProcess; output: () => string; stop: () => Promise<void> }

const run = (room: string, args: string[], env: NodeJS.ProcessEnv): Running => {
  const child = spawn(process.execPath, args, { cwd: `${rooms}${room}`, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = (): Promise<void> => {
    child.kill('SIGTERM')
    return ended
  }
  return { child, output: () => text, stop }
}

/** The developer's own keys and endpoints must not decide what a test sees. */
const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(OTEL_|HONEYCOMB_|AWS_|ROLLBAR_|VITE_|NODE_TEST)/.test(name)),
  )

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })

const answers = async (url: string, output: () => string): Promise<void> => {
  const giveUpAt = Date.now() + 30_000
  while (Date.now() < giveUpAt) {
    const response = await fetch(url).catch(() => null)
    await response?.arrayBuffer()
    if (response?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`${url} does not answer.\n${output()}`)
}
