// npm run check    checks types, format, lint, import walls and dead code
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const repository = resolve(import.meta.dirname, '..')
const { workspaces } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'))

const checks = [
  ...workspaces.map((room) => ({ name: `the types of ${room}`, args: [command('typescript', 'tsc'), '-p', room] })),
  { name: 'format, lint and import walls', args: [command('@biomejs/biome', 'biome'), 'check'] },
  { name: 'dead code', args: [command('knip', 'knip'), '--no-progress', '--treat-config-hints-as-errors'] },
]
const startedAt = performance.now()
const failures = []
for (const { name, args } of checks) {
  const { code, output } = await run(args)
  if (code !== 0) failures.push(name)
  process.stdout.write(code === 0 ? `✔ ${name}\n` : `✖ ${name}\n${output}\n`)
}
const result = {
  file: 'check',
  passed: checks.length - failures.length,
  failed: failures.length,
  skipped: 0,
  seconds: (performance.now() - startedAt) / 1_000,
  failures,
}
if (process.env.TEST_RESULTS_FILE) writeFileSync(process.env.TEST_RESULTS_FILE, JSON.stringify([result]))
process.exitCode = failures.length > 0 ? 1 : 0

function command(name, bin) {
  const home = join(repository, 'node_modules', name)
  return join(home, JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')).bin[bin])
}

async function run(args) {
  const child = spawn(process.execPath, args, { cwd: repository, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  const [code] = await once(child, 'close')
  return { code, output }
}
