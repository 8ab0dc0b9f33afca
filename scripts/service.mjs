import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { Refusal } from './refusal.mjs'

const repository = resolve(import.meta.dirname, '..')
const leaveWithParent = pathToFileURL(join(import.meta.dirname, 'leave-with-parent.mjs')).href
const keptLines = 15
const readyWithinMs = 30_000

/** One of the product's processes. `onLine` gets what it says, `onDeath` a sentence if it ends before it is stopped. */
export class Service {
  #child
  #stopping = false
  #said = []

  constructor({ name, folder, args, url, environment, stopWithinMs = 5_000, onLine, onDeath }) {
    Object.assign(this, { name, folder, args, url, environment, stopWithinMs, onLine, onDeath })
  }

  start() {
    this.#stopping = false
    this.#said = []
    const child = spawn(process.execPath, ['--import', leaveWithParent, ...this.args], {
      cwd: join(repository, this.folder),
      env: this.environment,
      // A process group of its own: a terminal's Ctrl-C reaches us only, and we stop them in order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.#said = [...this.#said, line].slice(-keptLines)
        this.onLine(this.name, line)
      })
    }
    child.once('error', (error) => this.onDeath(`The ${this.name} could not be started: ${error.message}`))
    child.once('close', (code, signal) => {
      if (this.#stopping || child !== this.#child) return
      const how = signal ? `was killed by ${signal}` : `ended with code ${code}`
      this.onDeath([`The ${this.name} ${how}. Its last words:`, ...this.#said.map((line) => `  ${line}`)].join('\n'))
    })
  }

  /** Resolves when it answers; `isReady(response)` may ask for more than any answer. */
  async answers(isReady = async () => true) {
    const until = Date.now() + readyWithinMs
    while (!this.#stopping && Date.now() < until) {
      try {
        const response = await fetch(this.url, { signal: AbortSignal.timeout(2_000), redirect: 'manual' })
        if (await isReady(response, until - Date.now())) return
        await response.body?.cancel()
      } catch {
        // Not listening yet.
      }
      await delay(30)
    }
    if (!this.#stopping) throw new Refusal(`The ${this.name} does not answer at ${this.url}.\n${this.#said.join('\n')}`)
  }

  async stop() {
    this.#stopping = true
    const child = this.#child
    if (!child || hasEnded(child)) return
    child.kill('SIGTERM')
    const deadline = setTimeout(() => this.kill(), this.stopWithinMs)
    await once(child, 'exit')
    clearTimeout(deadline)
    this.#signalGroup()
  }

  kill() {
    this.#stopping = true
    this.#signalGroup()
  }

  async restart() {
    await this.stop()
    this.start()
  }

  #signalGroup() {
    if (!this.#child?.pid) return
    try {
      process.kill(-this.#child.pid, 'SIGKILL')
    } catch {
      this.#child.kill('SIGKILL')
    }
  }
}

const hasEnded = (child) => child.exitCode !== null || child.signalCode !== null
