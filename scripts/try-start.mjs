// node scripts/try-start.mjs   runs `npm start` as a newcomer does, waits until all three servers answer, and stops it.
import { spawn, spawnSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'

const withinMs = 10 * 60_000
const addresses = ['http://localhost:3000/', 'http://localhost:4567/api/health-check', 'http://localhost:4318/']
const startedAt = Date.now()

// In the machine's own shell: cmd.exe on Windows.
const product = spawn('npm start', {
  shell: true,
  stdio: ['ignore', 'inherit', 'inherit'],
  detached: process.platform !== 'win32',
  env: { ...process.env, BROWSER: 'none' },
})
let exitCode
product.once('exit', (code) => {
  exitCode = code ?? 1
})

let missing = addresses
while (missing.length > 0 && exitCode === undefined && Date.now() - startedAt < withinMs) {
  await delay(1_000)
  const answers = await Promise.all(missing.map(answers200))
  missing = missing.filter((_, index) => !answers[index])
}
const seconds = Math.round((Date.now() - startedAt) / 1_000)
stop()

if (missing.length === 0) console.log(`✔ Everything answered after ${seconds} seconds.`)
else {
  console.error(`✖ ${missing.join(' and ')} did not answer in ${seconds} seconds.`)
  process.exitCode = 1
}

async function answers200(address) {
  try {
    const { ok } = await fetch(address, { signal: AbortSignal.timeout(5_000) })
    return ok
  } catch {
    return false
  }
}

function stop() {
  if (exitCode !== undefined) return
  if (process.platform === 'win32') spawnSync('taskkill', ['/pid', String(product.pid), '/t', '/f'])
  else process.kill(-product.pid, 'SIGTERM')
}
