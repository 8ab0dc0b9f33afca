import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { Refusal } from './refusal.mjs'

const installed = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** The path of a Chromium that runs: an installed one, or Playwright's, or Debian's. */
export function findChromium({ given = process.env.CHROMIUM_PATH, say = () => {} } = {}) {
  if (given) {
    if (works(given)) return given
    throw new Refusal(`CHROMIUM_PATH is ${given}, but no Chromium runs there: correct it, or unset it.`)
  }
  return installed.find(works) ?? fromPlaywright(say) ?? fromDebian(say) ?? refuse()
}

const works = (path) => spawnSync(path, ['--version'], { timeout: 20_000 }).status === 0

function fromPlaywright(say) {
  // Playwright keeps its browsers in the home folder, which may be read-only.
  if (!isWritable(homedir())) process.env.PLAYWRIGHT_BROWSERS_PATH ||= resolve(import.meta.dirname, '../.data/browsers')
  const require = createRequire(resolve(import.meta.dirname, '../e2e/package.json'))
  const { chromium } = require('playwright-core')
  const path = chromium.executablePath()
  if (works(path)) return path
  say('Fetching a Chromium for the tests (first run only) …')
  const cli = join(dirname(require.resolve('playwright-core/package.json')), 'cli.js')
  spawnSync(process.execPath, [cli, 'install', 'chromium'], { stdio: 'ignore', timeout: 5 * 60_000 })
  return works(path) ? path : null
}

function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function fromDebian(say) {
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) return null
  say('Installing Chromium for the tests (first run only) …')
  const options = { stdio: 'ignore', timeout: 10 * 60_000, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  spawnSync('apt-get', ['update'], options)
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], options)
  return works('/usr/bin/chromium') ? '/usr/bin/chromium' : null
}

function refuse() {
  throw new Refusal('The tests need Chromium, but could not find or fetch it: install it, or set CHROMIUM_PATH.')
}
