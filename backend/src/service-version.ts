import { spawnSync } from 'node:child_process'
import manifest from '../package.json' with { type: 'json' }

/** SERVICE_VERSION, else the commit, else the version of the package. */
export const serviceVersion = ({ SERVICE_VERSION }: NodeJS.ProcessEnv = process.env): string => {
  if (SERVICE_VERSION) return SERVICE_VERSION
  const options = { cwd: import.meta.dirname, encoding: 'utf8' } as const
  const { status, stdout } = spawnSync('git', ['rev-parse', '--short=12', 'HEAD'], options)
  return status === 0 ? stdout.trim() : manifest.version
}
