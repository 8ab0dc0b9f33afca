// npm run test:attacks [-- name …]    attacks the real product from one loopback address while a user on another reads the feed
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { startProduct } from '../src/product.ts'
import type { Address, Attack } from './attack.ts'
import { startUser } from './user.ts'

const quietMs = 4_000
const attackerAddress = '127.0.0.2'
const userAddress = '127.0.0.3'
/** The backend trusts the page's server for a user's address. */
const settings = { TRUSTED_PROXIES: '127.0.0.1', LOG_FORMAT: 'json' }

const wanted = process.argv.slice(2)
const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.attack.ts'))
const names = files.map((file) => file.replace('.attack.ts', ''))
const unknown = wanted.filter((name) => !names.includes(name))
if (unknown.length > 0) throw new Error(`No such attack: ${unknown.join(', ')}. The attacks are ${names.join(', ')}.`)

for (const name of wanted.length > 0 ? wanted : names) await runAttack(new URL(`${name}.attack.ts`, import.meta.url))

async function runAttack(file: URL) {
  const { attack } = (await import(file.href)) as { attack: Attack }
  const product = await startProduct({ observatory: true, isOverloaded: true, env: { ...settings, ...attack.env } })
  const memory = watchMemory(product.processes)
  const addresses = {
    frontend: addressOf(product.url),
    backend: addressOf(product.backendUrl),
    observatory: addressOf(product.observatoryUrl ?? ''),
  }
  const user = startUser(userAddress, addresses.frontend)
  try {
    await delay(quietMs)
    const before = { ...(await user.endPhase()), ...memory.now() }
    const target = { ...addresses, localAddress: attackerAddress }
    const attacker = fork(new URL('attack-process.ts', import.meta.url), [file.href, JSON.stringify(target)])
    let sentLength = 0
    const sending = setInterval(() => {
      const output = product.output()
      if (output.length > sentLength && attacker.connected) attacker.send(output.slice(sentLength))
      sentLength = output.length
    }, 100)
    const [result] = (await Promise.race([
      once(attacker, 'message'),
      once(attacker, 'exit').then(([code]) => Promise.reject(new Error(`${attack.name} ended with ${code}`))),
    ])) as [object]
    clearInterval(sending)
    const during = { ...(await user.endPhase()), ...memory.peak() }
    await delay(quietMs)
    const after = { ...(await user.endPhase()), ...memory.now() }
    console.log(`\n${attack.name}`, result)
    console.table({ before, during, after })
  } finally {
    user.stop()
    memory.stop()
    await product.stop()
  }
}

function watchMemory(processes: Readonly<Record<string, number>>) {
  const rss = () =>
    Object.fromEntries(Object.entries(processes).map(([name, pid]) => [`${name} MB`, rssMb(pid)] as const))
  let peak = rss()
  const timer = setInterval(() => {
    const now = rss()
    peak = Object.fromEntries(Object.entries(now).map(([name, mb]) => [name, Math.max(mb, peak[name] ?? 0)]))
  }, 100)
  return { now: rss, peak: () => peak, stop: () => clearInterval(timer) }
}

/** 0 for a process that has died. */
function rssMb(pid: number): number {
  try {
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024)
  } catch {
    return 0
  }
}

function addressOf(url: string): Address {
  return { host: '127.0.0.1', port: Number(new URL(url).port) }
}
