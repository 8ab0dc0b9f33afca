import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { hermetic } from '../../e2e/faults/backend.ts'
import { freePort } from '../../e2e/src/product.ts'

const script = fileURLToPath(new URL('./flask_feed.py', import.meta.url))
const packages = ['flask', 'opentelemetry.instrumentation.flask', 'opentelemetry.exporter.otlp.proto.http']
const startsWithinMs = 20_000

export type Flask = { readonly url: string; readonly pid: number; readonly stop: () => Promise<void> }

/** The versions, or null when this Python does not have the packages. */
export const versionsOf = (python: string): string | null => {
  const names = ['flask', 'opentelemetry-sdk', 'opentelemetry-instrumentation-flask']
  const code = `import platform, importlib.metadata as m, ${packages.join(', ')}
print('Python', platform.python_version(), *(f'{n} {m.version(n)}' for n in ${JSON.stringify(names)}), sep=', ')`
  const { status, stdout } = spawnSync(python, ['-c', code], { encoding: 'utf8' })
  return status === 0 ? stdout.trim().replace('Python, ', 'Python ') : null
}

/** Flask's own server, as the application ran in its workspace. */
export const startFlask = async (python: string, env: Record<string, string>): Promise<Flask> => {
  const port = await freePort()
  const child = spawn(python, [script], {
    env: hermetic({ PORT: String(port), OTEL_SERVICE_NAME: 'backend-flask', ...env }),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-2_000)
  })
  const exited = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGTERM')
    await exited
  }
  const url = `http://127.0.0.1:${port}`
  for (const until = performance.now() + startsWithinMs; performance.now() < until; await delay(100)) {
    const isHere = await fetch(`${url}/api/activities/home`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isHere) return { url, pid: child.pid as number, stop }
  }
  await stop()
  throw new Error(`Flask does not answer.\n${said}`)
}
