import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { leanRollbarReact } from '@cruddur/trace-web/lean-rollbar-react'
import { traceWeb } from '@cruddur/trace-web/vite'
import { build } from 'vite'
import type { Arm } from './arms.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const peers = here('./peers')
const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

/** The installed package, which may have another name here. */
export const peerOf = (name: string): { name: string; version: string } | undefined => {
  const path = join(peers, 'node_modules', name, 'package.json')
  return existsSync(path) ? readJson(path) : undefined
}

/** The peers are no workspace, so `npm install` at the root does not bring eight vendors to everybody. */
export const installPeers = async (): Promise<void> => {
  const { packages } = readJson(join(peers, 'package-lock.json'))
  const names = Object.keys(packages[''].devDependencies)
  if (names.every((name) => peerOf(name)?.version === packages[`node_modules/${name}`].version)) return
  const npm = process.env.npm_execpath
  const [command, before] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []]
  const args = ['ci', '--prefix', peers, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const install = spawn(command, [...before, ...args], { cwd: peers, stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = await once(install, 'exit')
  if (code !== 0) throw new Error(`npm ci failed in ${peers}.`)
  // With one flat folder, npm installs some versions several times, and a page would contain them twice.
  if (!existsSync(join(peers, 'node_modules/.store'))) throw new Error('The peers need npm 9.4 or later.')
}

/** Builds the minimal page with the wiring of an arm, into a new folder. */
export const buildMinimal = async ({ wiring = '', context, target }: Arm, sinkUrl: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'page-cost-'))
  await build({
    configFile: false,
    root: here('./minimal'),
    logLevel: 'error',
    define: { 'import.meta.env.VITE_SINK': JSON.stringify(sinkUrl) },
    resolve: { alias: { '#telemetry': here(`./${wiring}`) }, dedupe: ['react', 'react-dom', 'scheduler'] },
    plugins: context ? [traceWeb({ context }), leanRollbarReact()] : [],
    build: { outDir: folder, emptyOutDir: true, ...(target && { target }) },
  })
  return folder
}
