import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { serviceVersion } from '../backend/src/service-version.ts'
import { Refusal } from './refusal.mjs'

const repository = resolve(import.meta.dirname, '..')

/** Builds the pages, or takes them from turbo's cache. Prints only what fails. VITE_* of `environment` become part of them. */
export function build(filters = [], environment = process.env) {
  const child = spawn(
    process.execPath,
    [join(repository, 'node_modules/turbo/bin/turbo'), 'run', 'build', '--output-logs=errors-only', ...filters],
    {
      cwd: repository,
      // Part of the cache's key: otherwise a cached page would name an older commit.
      env: {
        ...environment,
        SERVICE_VERSION: serviceVersion(environment),
        TURBO_TELEMETRY_DISABLED: '1',
        DO_NOT_TRACK: '1',
        TURBO_NO_UPDATE_NOTIFIER: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  const closed = once(child, 'close')
  const kill = (signal = 'SIGKILL') => {
    try {
      process.kill(-child.pid, signal)
    } catch {
      child.kill(signal)
    }
  }
  return {
    done: closed.then(([code]) => {
      if (code !== 0) throw new Refusal(`${output.trim()}\nThe build failed: see above.`)
    }),
    kill,
    stop: async () => {
      kill('SIGTERM')
      await closed
    },
  }
}
